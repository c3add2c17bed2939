import { box, u16, u32 } from "../box-writer.ts";
import { MediaError } from "../media-error.ts";
import type { AudioCoding } from "./coding.ts";

/** Opus always counts at this rate (RFC 7845, section 4). */
export const OPUS_RATE_HZ = 48_000;
const HEAD_BYTES = 19;

/**
 * Opus by the identification header of Ogg, Matroska and WebM (RFC 7845, section 5.1), as
 * Encapsulation of Opus in ISO Base Media File Format, 4.3.2, has it: big-endian, without magic.
 * @throws {MediaError} When it is no such header.
 */
export function opusCodingOf(head: Uint8Array): AudioCoding {
  const magic = String.fromCharCode(...head.subarray(0, 8));
  if (magic !== "OpusHead" || head.length < HEAD_BYTES) {
    throw new MediaError("bad-box", "not an Opus header");
  }
  const view = new DataView(head.buffer, head.byteOffset);
  const channels = view.getUint8(9);
  const family = view.getUint8(18);
  const mapping = family === 0 ? head.subarray(0, 0) : head.subarray(19, 21 + channels);
  if (channels === 0 || (family !== 0 && mapping.length < 2 + channels)) {
    throw new MediaError("bad-box", `Opus with ${channels} channels`);
  }
  const numbers = { preSkip: view.getUint16(10, true), gain: view.getUint16(16, true) };
  return opusCoding({
    channels,
    inputRateHz: view.getUint32(12, true),
    family,
    mapping,
    ...numbers,
  });
}

export type OpusConfig = {
  channels: number;
  /** Rate before encoding, for people only. */
  inputRateHz?: number;
  preSkip?: number;
  gain?: number;
  family?: number;
  /** Streams, coupled streams and their order; for families above 0. */
  mapping?: Uint8Array;
};

export function opusCoding(config: OpusConfig): AudioCoding {
  const { channels, inputRateHz = OPUS_RATE_HZ, preSkip = 0, gain = 0, family = 0 } = config;
  const { mapping = new Uint8Array() } = config;
  const dOps = box(
    "dOps",
    [0, channels],
    u16(preSkip),
    u32(inputRateHz),
    u16(gain),
    [family],
    mapping,
  );
  return {
    kind: "audio",
    codec: "opus",
    entryType: "Opus",
    config: dOps,
    sampleRateHz: OPUS_RATE_HZ,
    channels,
  };
}

/** Frames of 2.5, 5, 10 … ms by configuration number (RFC 6716, table 2), in samples at 48 kHz. */
function frameSamples(configuration: number): number {
  if (configuration < 12) return [480, 960, 1920, 2880][configuration & 3] ?? 0;
  if (configuration < 16) return [480, 960][configuration & 1] ?? 0;
  return [120, 240, 480, 960][configuration & 3] ?? 0;
}

/** How long a packet lasts, in samples at 48 kHz; 0 when it is none (RFC 6716, 3.1). */
export function opusPacketSamples(packet: Uint8Array): number {
  const [toc, second = 0] = packet;
  if (toc === undefined) return 0;
  const code = toc & 3;
  const count = code === 0 ? 1 : code === 3 ? second & 63 : 2;
  const samples = count * frameSamples(toc >> 3);
  return samples <= 5760 ? samples : 0; // 120 ms at the most
}
