import { ascii, box, fullBox, u16, u32, zeros } from "./box-writer.ts";
import type { AudioCoding, TrackCoding, VideoCoding } from "./codecs/coding.ts";

/** CMAF tracks are alone in their files, so the track id can be fixed. The others are 2, 3 … */
export const TRACK_ID = 1;

/** A track as its init segment describes it: `{ timescale: 90_000, ...avcCoding(sps, pps) }`. */
export type TrackConfig = TrackCoding & { timescale: number };

/**
 * `ftyp` + `moov` of one fragmented track (ISO/IEC 23000-19, section 7.3.1). With more tracks, which
 * have ids from 2 on in their order, it begins a movie in fragments instead.
 */
export function writeInitSegment(track: TrackConfig, ...more: TrackConfig[]): Uint8Array {
  const ftyp = box("ftyp", ascii("iso6"), u32(0), ascii("iso6cmfcmp41"));
  const tracks = [track, ...more];
  const moov = box(
    "moov",
    mvhd(TRACK_ID + tracks.length),
    ...tracks.map((each, at) => box("trak", tkhd(each, TRACK_ID + at), mdia(each))),
    box("mvex", ...tracks.map((_, at) => fullBox("trex", 0, 0, u32(TRACK_ID + at, 1, 0, 0, 0)))),
  );
  const bytes = new Uint8Array(ftyp.length + moov.length);
  bytes.set(ftyp);
  bytes.set(moov, ftyp.length);
  return bytes;
}

const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

function mvhd(nextTrackId: number): Uint8Array {
  return fullBox(
    "mvhd",
    0,
    0,
    u32(0, 0, 1000, 0, 0x10000),
    u16(0x0100, 0),
    zeros(8),
    UNITY_MATRIX,
    zeros(24),
    u32(nextTrackId),
  );
}

function tkhd(track: TrackConfig, trackId: number): Uint8Array {
  const { width, height } = track.kind === "video" ? track : { width: 0, height: 0 };
  const volume = track.kind === "audio" ? 0x0100 : 0;
  return fullBox(
    "tkhd",
    0,
    7, // enabled, in movie, in preview
    u32(0, 0, trackId, 0, 0),
    zeros(8),
    u16(0, 0, volume, 0),
    UNITY_MATRIX,
    u32(width * 65536, height * 65536),
  );
}

function mdia(track: TrackConfig): Uint8Array {
  const isVideo = track.kind === "video";
  const mediaHeader = isVideo ? fullBox("vmhd", 0, 1, zeros(8)) : fullBox("smhd", 0, 0, zeros(4));
  const dataReference = box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1)));
  const sampleTable = box(
    "stbl",
    fullBox("stsd", 0, 0, u32(1), isVideo ? visualEntry(track) : audioEntry(track)),
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

/** ISO/IEC 14496-12, 12.1.3. */
function visualEntry({ entryType, width, height, config }: VideoCoding): Uint8Array {
  return box(
    entryType,
    zeros(6),
    u16(1),
    zeros(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    zeros(32),
    u16(0x18, 0xffff),
    config,
  );
}

/** ISO/IEC 14496-12, 12.2.3. */
function audioEntry({ entryType, sampleRateHz, channels, config }: AudioCoding): Uint8Array {
  return box(
    entryType,
    zeros(6),
    u16(1),
    zeros(8),
    u16(channels, 16, 0, 0),
    u32(sampleRateHz < 65536 ? sampleRateHz * 65536 : 0), // too high for it: the esds tells
    config,
  );
}
