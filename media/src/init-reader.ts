import { FieldReader, findBox, readBoxes } from "./box-reader.ts";
import { aacCodecString, readSpecificConfig } from "./codecs/aac.ts";
import { avcCodecString } from "./codecs/avc.ts";
import { hexByte } from "./codecs/coding.ts";
import { readEsds } from "./codecs/esds.ts";
import { hevcCodecString } from "./codecs/hevc.ts";
import { MediaError } from "./media-error.ts";
import { findMedia, readTimescale } from "./timescale.ts";

/** What an init segment says of its one track. */
export type InitSegmentInfo = {
  kind: "video" | "audio";
  /** RFC 6381. */
  codec: string;
  timescale: number;
  width?: number;
  height?: number;
  sampleRateHz?: number;
  channels?: number;
};

const MPEG4_AUDIO = 0x40;

/** @throws {MediaError} When it is not the init segment of one track in a codec livemesh carries. */
export function readInitSegment(bytes: Uint8Array): InitSegmentInfo {
  const timescale = readTimescale(bytes);
  const stsd = findBox(findMedia(bytes), "minf", "stbl", "stsd");
  const entry = readBoxes(stsd.subarray(8))[0];
  if (entry === undefined) throw new MediaError("missing-box", "an entry in stsd");
  const readVideo = VIDEO_CODECS[entry.type];
  if (readVideo !== undefined) return { timescale, ...readVisualEntry(entry.body, readVideo) };
  const readAudio = AUDIO_CODECS[entry.type];
  if (readAudio !== undefined) return { timescale, ...readAudioEntry(entry.body, readAudio) };
  const known = [...Object.keys(VIDEO_CODECS), ...Object.keys(AUDIO_CODECS)].join(", ");
  throw new MediaError("unsupported", `sample entry ${entry.type}; known are ${known}`);
}

/** By sample entry: the codec string from the boxes behind its fixed fields. */
const VIDEO_CODECS: Record<string, (boxes: Uint8Array) => string> = {
  avc1: (boxes) => avcCodecString(head(boxes, "avcC", 4).subarray(1)),
  hvc1: (boxes) => hevcCodecString(head(boxes, "hvcC", 13).subarray(1)),
  av01: (boxes) => {
    const [, profileAndLevel = 0, flags = 0] = head(boxes, "av1C", 3);
    const depth = (flags & 0x20) !== 0 ? 12 : (flags & 0x40) !== 0 ? 10 : 8;
    const tier = (flags & 0x80) === 0 ? "M" : "H";
    const level = twoDigits(profileAndLevel & 31);
    return `av01.${profileAndLevel >> 5}.${level}${tier}.${twoDigits(depth)}`;
  },
  vp09: (boxes) => {
    const [profile = 0, level = 0, depth = 0] = head(boxes, "vpcC", 7).subarray(4);
    return `vp09.${[profile, level, depth >> 4].map(twoDigits).join(".")}`;
  },
};

type AudioCodec = { codec: string; sampleRateHz?: number };
const AUDIO_CODECS: Record<string, (boxes: Uint8Array) => AudioCodec> = {
  mp4a: (boxes) => {
    const { objectType, specific } = readEsds(findBox(boxes, "esds"));
    if (objectType !== MPEG4_AUDIO) return { codec: `mp4a.${hexByte(objectType)}` };
    // The sample entry has no room for rates above 65,535 Hz.
    const { objectType: aacType, sampleRateHz } = readSpecificConfig(specific);
    return { codec: aacCodecString(aacType), sampleRateHz };
  },
  Opus: (boxes) => {
    head(boxes, "dOps", 11);
    return { codec: "opus" };
  },
  "ac-3": (boxes) => {
    head(boxes, "dac3", 3);
    return { codec: "ac-3" };
  },
  "ec-3": (boxes) => {
    head(boxes, "dec3", 5);
    return { codec: "ec-3" };
  },
};

function readVisualEntry(body: Uint8Array, codecOf: (boxes: Uint8Array) => string) {
  const fields = new FieldReader(body, "a visual sample entry").skip(24);
  const width = fields.u16();
  const height = fields.u16();
  const codec = codecOf(fields.skip(50).bytes(fields.remaining));
  return { kind: "video" as const, codec, width, height };
}

function readAudioEntry(body: Uint8Array, codecOf: (boxes: Uint8Array) => AudioCodec) {
  const fields = new FieldReader(body, "an audio sample entry").skip(16);
  const channels = fields.u16();
  const sampleRateHz = fields.skip(6).u32() / 65536;
  const codec = codecOf(fields.bytes(fields.remaining));
  return { kind: "audio" as const, channels, sampleRateHz, ...codec };
}

/** The first bytes of a configuration box. */
function head(boxes: Uint8Array, type: string, sizeBytes: number): Uint8Array {
  return new FieldReader(findBox(boxes, type), type).bytes(sizeBytes);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
