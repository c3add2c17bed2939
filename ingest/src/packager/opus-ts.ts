import { type AudioCoding, opusCoding, opusPacketSamples } from "#media";
import type { AudioFrame, AudioReader } from "./frames.ts";

const START_TRIM = 0x10;
const END_TRIM = 0x08;
const EXTENSION = 0x04;

/**
 * Opus packets in MPEG-TS, each behind a control header (ETSI TS 103 799, as ffmpeg and GStreamer
 * write it). A unit holds whole packets.
 */
export class OpusTsReader implements AudioReader {
  readonly #coding: AudioCoding;

  constructor(channels: number) {
    this.#coding = opusCoding({ channels });
  }

  push(data: Uint8Array): { frames: AudioFrame[]; isFirstCarried: boolean } {
    const frames: AudioFrame[] = [];
    for (const bytes of packets(data)) {
      const samples = opusPacketSamples(bytes);
      if (samples > 0) frames.push({ coding: this.#coding, bytes, samples });
    }
    return { frames, isFirstCarried: false };
  }

  reset(): void {}
}

/** Ends where a header is none, or a packet is cut short. */
function* packets(data: Uint8Array): Iterable<Uint8Array> {
  let at = 0;
  while (at + 3 <= data.length && data[at] === 0x7f && ((data[at + 1] ?? 0) & 0xe0) === 0xe0) {
    const flags = data[at + 1] ?? 0;
    at += 2;
    let sizeBytes = 0;
    while (data[at] === 255) sizeBytes += data[at++] ?? 0;
    sizeBytes += data[at++] ?? 0;
    at += ((flags & START_TRIM) !== 0 ? 2 : 0) + ((flags & END_TRIM) !== 0 ? 2 : 0);
    if ((flags & EXTENSION) !== 0) at += 1 + (data[at] ?? 0);
    if (at + sizeBytes > data.length) return;
    yield data.subarray(at, at + sizeBytes);
    at += sizeBytes;
  }
}
