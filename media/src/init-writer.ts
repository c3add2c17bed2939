import { ascii, box, fullBox, u16, u32, zeros } from "./box-writer.ts";
import { parseSps } from "./sps.ts";

/** CMAF tracks are alone in their files, so the track id can be fixed. */
export const TRACK_ID = 1;

export type VideoTrackConfig = {
  kind: "video";
  timescale: number;
  /** NAL units with their header bytes; 1 to 255 picture parameter sets. */
  sps: Uint8Array;
  pps: readonly Uint8Array[];
};

export type AudioTrackConfig = {
  kind: "audio";
  timescale: number;
  sampleRateHz: number;
  /** channelConfiguration (ISO/IEC 14496-3, table 1.19): the count of channels, but 7 is 7.1. */
  channels: number;
  /** MPEG-4 audio object type: 2 is AAC-LC. */
  objectType: number;
};

/**
 * `ftyp` + `moov` of one fragmented track (ISO/IEC 23000-19, section 7.3.1).
 * @throws {MediaError} When the SPS cannot be read.
 */
export function writeInitSegment(track: VideoTrackConfig | AudioTrackConfig): Uint8Array {
  const ftyp = box("ftyp", ascii("iso6"), u32(0), ascii("iso6cmfcmp41"));
  const moov = box(
    "moov",
    mvhd(),
    box("trak", tkhd(track), mdia(track)),
    box("mvex", fullBox("trex", 0, 0, u32(TRACK_ID, 1, 0, 0, 0))),
  );
  const bytes = new Uint8Array(ftyp.length + moov.length);
  bytes.set(ftyp);
  bytes.set(moov, ftyp.length);
  return bytes;
}

const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

function mvhd(): Uint8Array {
  return fullBox(
    "mvhd",
    0,
    0,
    u32(0, 0, 1000, 0, 0x10000),
    u16(0x0100, 0),
    zeros(8),
    UNITY_MATRIX,
    zeros(24),
    u32(TRACK_ID + 1),
  );
}

function tkhd(track: VideoTrackConfig | AudioTrackConfig): Uint8Array {
  const { width, height } = track.kind === "video" ? parseSps(track.sps) : { width: 0, height: 0 };
  const volume = track.kind === "audio" ? 0x0100 : 0;
  return fullBox(
    "tkhd",
    0,
    7, // enabled, in movie, in preview
    u32(0, 0, TRACK_ID, 0, 0),
    zeros(8),
    u16(0, 0, volume, 0),
    UNITY_MATRIX,
    u32(width * 65536, height * 65536),
  );
}

function mdia(track: VideoTrackConfig | AudioTrackConfig): Uint8Array {
  const isVideo = track.kind === "video";
  const mediaHeader = isVideo ? fullBox("vmhd", 0, 1, zeros(8)) : fullBox("smhd", 0, 0, zeros(4));
  const dataReference = box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1)));
  const sampleTable = box(
    "stbl",
    fullBox("stsd", 0, 0, u32(1), isVideo ? avc1(track) : mp4a(track)),
    fullBox("stts", 0, 0, u32(0)),
    fullBox("stsc", 0, 0, u32(0)),
    fullBox("stsz", 0, 0, u32(0, 0)),
    fullBox("stco", 0, 0, u32(0)),
  );
  return box(
    "mdia",
    fullBox("mdhd", 0, 0, u32(0, 0, track.timescale, 0), u16(0x55c4, 0)), // language "und"
    fullBox("hdlr", 0, 0, u32(0), ascii(isVideo ? "vide" : "soun"), zeros(12), [0]),
    box("minf", mediaHeader, dataReference, sampleTable),
  );
}

function avc1({ sps, pps }: VideoTrackConfig): Uint8Array {
  const { width, height, profile, chromaFormat, bitDepthLuma, bitDepthChroma } = parseSps(sps);
  // Profiles above Main say so here, too (ISO/IEC 14496-15, 5.3.3.1.2).
  const high = [0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0];
  const avcC = box(
    "avcC",
    [1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1], // 4-byte lengths, one SPS
    u16(sps.length),
    sps,
    [pps.length],
    ...pps.flatMap((set) => [u16(set.length), set]),
    [100, 110, 122, 144].includes(profile) ? high : [],
  );
  return box(
    "avc1",
    zeros(6),
    u16(1),
    zeros(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    zeros(32),
    u16(0x18, 0xffff),
    avcC,
  );
}

/** Sampling frequencies by index (ISO/IEC 14496-3, table 1.18). */
export const AAC_SAMPLE_RATES_HZ: readonly number[] = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];

function mp4a({ sampleRateHz, channels, objectType }: AudioTrackConfig): Uint8Array {
  const rateIndex = AAC_SAMPLE_RATES_HZ.indexOf(sampleRateHz);
  if (rateIndex < 0) throw new RangeError(`AAC has no sample rate of ${sampleRateHz} Hz`);
  const config = [(objectType << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channels << 3)];
  const decoderSpecific = [5, config.length, ...config];
  const decoderConfig = [4, 13 + decoderSpecific.length, 0x40, 0x15, 0, 0, 0, ...u32(0, 0)];
  const descriptor = [
    3,
    3 + decoderConfig.length + decoderSpecific.length + 3,
    ...u16(TRACK_ID),
    0,
    ...decoderConfig,
    ...decoderSpecific,
    6,
    1,
    2,
  ];
  return box(
    "mp4a",
    zeros(6),
    u16(1),
    zeros(8),
    u16(channels === 7 ? 8 : channels, 16, 0, 0), // configuration 7 is 7.1
    u32(sampleRateHz < 65536 ? sampleRateHz * 65536 : 0), // too high for it: the esds tells

    fullBox("esds", 0, 0, descriptor),
  );
}
