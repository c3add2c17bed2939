import { type Sample, writeChunk } from "#media";

/** A frame as an encoder gave it. Times are microseconds on the broadcast's own clock. */
export type EncodedFrame = {
  bytes: Uint8Array;
  timestampUs: number;
  /** What the encoder thinks; replaced by the distance to the next frame. */
  durationUs: number;
  isKeyFrame: boolean;
};

export type CutChunk = {
  bytes: Uint8Array;
  /** By default from 0, without a hole. */
  sequence: number;
  isIndependent: boolean;
  durationMs: number;
};

export type ChunkCutterOptions = {
  timescale: number;
  chunkMs: number;
  /** Default 1: the track is alone in its file. */
  trackId?: number;
  /** Numbers the chunks where they share a file with others. Default: from 0, without a hole. */
  nextSequence?: () => number;
};

/** Cameras stop now and then; no frame stands for longer in a chunk, in microseconds. */
const FRAME_MAX_US = 5_000_000;

/** Cuts a live track into CMAF chunks. Times come from frames, so it needs no clock. */
export class ChunkCutter {
  readonly #timescale: number;
  readonly #chunkUs: number;
  readonly #trackId: number;
  readonly #nextSequence: () => number;
  #frames: EncodedFrame[] = [];
  #chunks = 0;
  #endTicks: number | undefined;

  constructor({ timescale, chunkMs, trackId = 1, nextSequence }: ChunkCutterOptions) {
    this.#timescale = timescale;
    this.#chunkUs = chunkMs * 1000;
    this.#trackId = trackId;
    this.#nextSequence = nextSequence ?? (() => this.#chunks);
  }

  /**
   * @returns The chunk that this frame ends, if it does: a key frame begins the next one, and so does
   * the first frame after the length of a chunk.
   */
  add(frame: EncodedFrame): CutChunk | undefined {
    const [first] = this.#frames;
    const last = this.#frames.at(-1);
    // Two clocks in one track: an encoder's hiccup. What runs backwards cannot be played.
    if (last !== undefined && frame.timestampUs <= last.timestampUs) return undefined;
    if (first === undefined) {
      // Nothing can be joined before the first key frame.
      if (frame.isKeyFrame || this.#chunks > 0) this.#frames.push(frame);
      return undefined;
    }
    const isLong = frame.timestampUs - first.timestampUs >= this.#chunkUs;
    const isCut = isLong || (frame.isKeyFrame && !first.isKeyFrame);
    if (!isCut) {
      this.#frames.push(frame);
      return undefined;
    }
    const chunk = this.#cut(frame.timestampUs);
    this.#frames = [frame];
    return chunk;
  }

  #cut(nextUs: number): CutChunk {
    const [first] = this.#frames;
    if (first === undefined) throw new Error("a chunk has at least one frame");
    const startTicks = this.#endTicks ?? this.#ticks(first.timestampUs);
    const ends = this.#frames.map((_, i) => this.#frames[i + 1]?.timestampUs ?? nextUs);
    let atTicks = startTicks;
    const samples = this.#frames.map((frame, i): Sample => {
      const endUs = Math.min(ends[i] ?? nextUs, frame.timestampUs + FRAME_MAX_US);
      // From sums, so that rounding does not add up.
      const durationTicks = Math.max(1, this.#ticks(endUs) - atTicks);
      atTicks += durationTicks;
      const { bytes, isKeyFrame } = frame;
      return { bytes, durationTicks, compositionOffsetTicks: 0, isKeyFrame };
    });
    this.#endTicks = atTicks;
    const sequence = this.#nextSequence();
    this.#chunks++;
    const trackId = this.#trackId;
    return {
      bytes: writeChunk({ sequence, decodeTimeTicks: startTicks, samples, trackId }),
      sequence,
      isIndependent: first.isKeyFrame,
      durationMs: ((atTicks - startTicks) * 1000) / this.#timescale,
    };
  }

  #ticks(timestampUs: number): number {
    return Math.round((timestampUs * this.#timescale) / 1e6);
  }
}
