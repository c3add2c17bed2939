import {
  BLOCK_HEADER_BYTES,
  type Block,
  SIGNATURE_BYTES,
  USUAL_BLOCK_PAYLOAD_BYTES,
} from "#protocol";
import type { Scenario } from "./scenario.ts";

/** A block as the simulator passes it on: no media, but its place in the run and whether it is genuine. */
export type SimBlock = Block & {
  /** Counts blocks of the run from 0. */
  readonly serial: number;
  readonly publishedAtMs: number;
  /** Stands for the signature. */
  readonly isGenuine: boolean;
};

export const AUDIO_BPS = 96_000;
/** A key frame is larger than the rest: size of an independent chunk over the mean. */
const KEY_CHUNK_WEIGHT = 2;
const OVERHEAD_BYTES = BLOCK_HEADER_BYTES + SIGNATURE_BYTES;
/** All payloads look into this: what is in them does not matter, how much does. */
const NOTHING = new Uint8Array(USUAL_BLOCK_PAYLOAD_BYTES + OVERHEAD_BYTES);

/** The publisher's blocks: one video and one audio track in chunks of equal duration. */
export class MediaSource {
  readonly #stream: Scenario["stream"];
  readonly #chunks: SimBlock[][] = [];
  #serial = 0;
  copyBytes = 0;

  constructor(stream: Scenario["stream"]) {
    this.#stream = stream;
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  get blockCount(): number {
    return this.#serial;
  }

  /** Blocks of all tracks made at one time, in the order they are published. */
  publish(nowMs: number): SimBlock[] {
    const { bitrateBps, chunkMs, segmentMs } = this.#stream;
    const sequence = this.#chunks.length;
    const perSegment = Math.round(segmentMs / chunkMs);
    const isKey = sequence % perSegment === 0;
    const weight = isKey
      ? KEY_CHUNK_WEIGHT
      : (perSegment - KEY_CHUNK_WEIGHT) / Math.max(1, perSegment - 1);
    const videoBytes = ((bitrateBps - AUDIO_BPS) * chunkMs * weight) / 8000;
    const audioBytes = (AUDIO_BPS * chunkMs) / 8000;
    const blocks = [
      ...this.#slice(0, sequence, isKey, videoBytes, nowMs),
      ...this.#slice(1, sequence, true, audioBytes, nowMs),
    ];
    this.#chunks.push(blocks);
    for (const block of blocks) this.copyBytes += block.bytes.length;
    return blocks;
  }

  /** Blocks of one chunk; none before it was published. */
  chunk(track: number, sequence: number): SimBlock[] {
    return (this.#chunks[sequence] ?? []).filter((block) => block.track === track);
  }

  /** From the newest independent chunk on: where a newcomer starts. */
  joinBlocks(): SimBlock[] {
    const perSegment = Math.round(this.#stream.segmentMs / this.#stream.chunkMs);
    const newest = this.#chunks.length - 1;
    return this.#chunks.slice(newest - (newest % perSegment)).flat();
  }

  #slice(
    track: number,
    sequence: number,
    isIndependent: boolean,
    sizeBytes: number,
    nowMs: number,
  ): SimBlock[] {
    const { chunkMs } = this.#stream;
    const count = Math.ceil(sizeBytes / USUAL_BLOCK_PAYLOAD_BYTES);
    const payloadBytes = Math.ceil(sizeBytes / count);
    return Array.from({ length: count }, (_, index) => ({
      track,
      sequence,
      index,
      count,
      initVersion: 0,
      isIndependent,
      isDiscontinuity: false,
      sourceTimeMs: nowMs - chunkMs,
      durationMs: chunkMs,
      bytes: NOTHING.subarray(0, payloadBytes + OVERHEAD_BYTES),
      payload: NOTHING.subarray(0, payloadBytes),
      serial: this.#serial++,
      publishedAtMs: nowMs,
      isGenuine: true,
    }));
  }
}
