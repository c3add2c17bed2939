import { FieldReader, findBox, readBoxes } from "./box-reader.ts";
import { aacCodecString } from "./codec-string.ts";
import { AAC_SAMPLE_RATES_HZ } from "./init-writer.ts";
import { MediaError } from "./media-error.ts";

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

/** @throws {MediaError} When it is not the init segment of one H.264 or AAC track. */
export function readInitSegment(bytes: Uint8Array): InitSegmentInfo {
  const mdia = findBox(bytes, "moov", "trak", "mdia");
  const timescale = readTimescale(findBox(mdia, "mdhd"));
  const stsd = findBox(mdia, "minf", "stbl", "stsd");
  const entry = readBoxes(stsd.subarray(8))[0];
  if (entry === undefined) throw new MediaError("missing-box", "an entry in stsd");
  if (entry.type === "avc1") return { kind: "video", timescale, ...readAvc1(entry.body) };
  if (entry.type === "mp4a") return { kind: "audio", timescale, ...readMp4a(entry.body) };
  throw new MediaError("unsupported", `sample entry ${entry.type}; H.264 and AAC are supported`);
}

function readTimescale(mdhd: Uint8Array): number {
  const fields = new FieldReader(mdhd, "mdhd");
  const version = fields.u8();
  const timescale = fields.skip(3 + (version === 1 ? 16 : 8)).u32();
  if (timescale === 0) throw new MediaError("bad-box", "mdhd: a timescale of 0");
  return timescale;
}

function readAvc1(body: Uint8Array) {
  const fields = new FieldReader(body, "avc1").skip(24);
  const width = fields.u16();
  const height = fields.u16();
  const avcC = findBox(fields.skip(50).bytes(fields.remaining), "avcC");
  if (avcC.length < 4) throw new MediaError("truncated", "inside avcC");
  const hex = [...avcC.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, "0"));
  return { codec: `avc1.${hex.join("")}`, width, height };
}

function readMp4a(body: Uint8Array) {
  const fields = new FieldReader(body, "mp4a").skip(16);
  const channels = fields.u16();
  fields.skip(10);
  const esds = findBox(fields.bytes(fields.remaining), "esds");
  const { objectType, sampleRateHz } = readAudioConfig(esds);
  return { codec: aacCodecString(objectType), channels, sampleRateHz };
}

/**
 * The DecoderSpecificInfo (tag 5) inside the nested descriptors of ISO/IEC 14496-1, 7.2.6. It has
 * the sample rate also where the sample entry has no room for it, above 65,535 Hz.
 */
function readAudioConfig(esds: Uint8Array): { objectType: number; sampleRateHz: number } {
  const fields = new FieldReader(esds, "esds").skip(4);
  while (fields.remaining > 0) {
    const tag = fields.u8();
    let byte = fields.u8();
    while ((byte & 0x80) !== 0) byte = fields.u8();
    if (tag === 5) {
      const bits = fields.u16();
      const sampleRateHz = AAC_SAMPLE_RATES_HZ[(bits >> 7) & 15];
      if (sampleRateHz === undefined) throw new MediaError("unsupported", "esds: sample rate");
      return { objectType: bits >> 11, sampleRateHz };
    }
    if (tag === 3) fields.skip(3);
    else if (tag === 4) fields.skip(13);
    else fields.skip(byte);
  }
  throw new MediaError("missing-box", "DecoderSpecificInfo in esds");
}
