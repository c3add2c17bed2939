import { MediaSource } from "../media-source.ts";
import type { Scenario } from "../scenario.ts";

/** A chunk's blocks are bits of one number: video from the lowest up, audio in the highest. */
export const AUDIO_INDEX = 31;
export const AUDIO_BIT = (1 << AUDIO_INDEX) | 0;
const INDEX_BITS = 5;

/** Number of a block in the run: its chunk's sequence and its place in it. */
export function keyOf(sequence: number, index: number): number {
  return (sequence << INDEX_BITS) | index;
}

export function sequenceOf(key: number): number {
  return key >> INDEX_BITS;
}

export function indexOf(key: number): number {
  return key & AUDIO_INDEX;
}

/** All blocks the source will publish, as {@link MediaSource} makes them: sizes, stripes, times. */
export class StreamPlan {
  readonly chunkMs: number;
  readonly videoStripes: number;
  /** Video stripes and the one of audio, which is the last. */
  readonly stripes: number;
  readonly chunkCount: number;
  readonly chunksPerSegment: number;
  /** Video blocks of each chunk, as bits. */
  readonly videoMask: Int32Array;
  /** Message bytes by block number. */
  readonly blockBytes: Uint16Array;
  /** Bytes of a chunk with everything in it, by sequence. */
  readonly chunkBytes: Int32Array;
  /** What one stripe takes on average in bit/s, by stripe. */
  readonly stripeRateBps: Float64Array;
  readonly rateBps: number;

  /** @throws {RangeError} When chunks have more blocks than a number has bits. */
  constructor({ stream, durationMs }: Pick<Scenario, "stream" | "durationMs">) {
    this.chunkMs = stream.chunkMs;
    this.videoStripes = stream.stripes;
    this.stripes = stream.stripes + 1;
    this.chunksPerSegment = Math.round(stream.segmentMs / stream.chunkMs);
    const published = Math.floor(durationMs / stream.chunkMs) + 1;
    this.chunkCount = Math.ceil(published / this.chunksPerSegment) * this.chunksPerSegment;
    this.videoMask = new Int32Array(this.chunkCount);
    this.chunkBytes = new Int32Array(this.chunkCount);
    this.blockBytes = new Uint16Array(this.chunkCount << INDEX_BITS);
    this.stripeRateBps = new Float64Array(this.stripes);
    const source = new MediaSource(stream);
    for (let sequence = 0; sequence < this.chunkCount; sequence++) this.#add(source, sequence);
    const seconds = (this.chunkCount * stream.chunkMs) / 1000;
    const bytes = this.chunkBytes.reduce((sum, size) => sum + size, 0);
    const audioBps = (8 * this.#bytesOf(source, 0, 1) * this.chunkCount) / seconds;
    this.rateBps = (8 * bytes) / seconds;
    this.stripeRateBps.fill((this.rateBps - audioBps) / this.videoStripes);
    this.stripeRateBps[this.videoStripes] = audioBps;
  }

  stripeOf(key: number): number {
    const index = indexOf(key);
    return index === AUDIO_INDEX
      ? this.videoStripes
      : (sequenceOf(key) + index) % this.videoStripes;
  }

  chunkMask(sequence: number): number {
    return (this.videoMask[sequence] as number) | AUDIO_BIT;
  }

  /** Blocks of the same chunk and track, as bits. */
  trackMask(key: number): number {
    return indexOf(key) === AUDIO_INDEX ? AUDIO_BIT : (this.videoMask[sequenceOf(key)] as number);
  }

  /** Blocks of a chunk that belong to one stripe, as bits. */
  maskOf(sequence: number, stripe: number): number {
    if (stripe === this.videoStripes) return AUDIO_BIT;
    let mask = 0;
    const { videoStripes } = this;
    const first = (((stripe - sequence) % videoStripes) + videoStripes) % videoStripes;
    for (let index = first; index < AUDIO_INDEX; index += videoStripes) mask |= 1 << index;
    return mask & (this.videoMask[sequence] as number);
  }

  /** First chunk of the segment: where a newcomer can begin. */
  segmentStart(sequence: number): number {
    return sequence - (sequence % this.chunksPerSegment);
  }

  publishedAtMs(sequence: number): number {
    return sequence * this.chunkMs;
  }

  /** A chunk's source time is when its first frame was made. */
  sourceTimeMs(sequence: number): number {
    return (sequence - 1) * this.chunkMs;
  }

  #add(source: MediaSource, sequence: number): void {
    for (const { track, index, count, bytes } of source.publish(this.publishedAtMs(sequence))) {
      if (count >= AUDIO_INDEX) {
        throw new RangeError(
          `stream.bitrateBps gives chunks of ${count} blocks, the flat model takes 30`,
        );
      }
      if (track === 0) this.videoMask[sequence] = (1 << count) - 1;
      this.blockBytes[keyOf(sequence, track === 0 ? index : AUDIO_INDEX)] = bytes.length;
      this.chunkBytes[sequence] = (this.chunkBytes[sequence] as number) + bytes.length;
    }
  }

  #bytesOf(source: MediaSource, sequence: number, track: number): number {
    return source.chunk(track, sequence).reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
}
