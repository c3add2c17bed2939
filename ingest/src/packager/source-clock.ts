import type { Kind } from "./stream-types.ts";

/** How long a delay may count as the least one, in ms: encoder clocks drift against ours. */
const BUCKET_MS = 15_000;

/**
 * When the media was made, told from when it came. The frames that came with the least delay, within
 * the last 15 to 30 s, are taken as having come without any; all others are measured against them.
 * So jitter and bursts of the encoder count as latency and are never hidden.
 */
export class SourceClock {
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #bucketStartMs = Number.NEGATIVE_INFINITY;
  readonly #lastMs: Record<Kind, number> = { video: 0, audio: 0 };

  note(arrivedAtMs: number, mediaTimeMs: number): void {
    if (arrivedAtMs - this.#bucketStartMs >= BUCKET_MS) {
      this.#leastBefore = this.#least;
      this.#least = Number.POSITIVE_INFINITY;
      this.#bucketStartMs = arrivedAtMs;
    }
    this.#least = Math.min(this.#least, arrivedAtMs - mediaTimeMs);
  }

  /**
   * Unix time of a media time, in whole ms; never falls within a track. One track does not raise
   * the other's: audio is often sent after the video of its time, and would look that much younger.
   */
  sourceTimeMs(kind: Kind, mediaTimeMs: number): number {
    const timeMs = Math.round(mediaTimeMs + Math.min(this.#least, this.#leastBefore));
    this.#lastMs[kind] = Math.max(this.#lastMs[kind], timeMs);
    return this.#lastMs[kind];
  }

  /** A new epoch: media time went on without a gap, real time did not. */
  reset(): void {
    this.#least = Number.POSITIVE_INFINITY;
    this.#leastBefore = Number.POSITIVE_INFINITY;
    this.#bucketStartMs = Number.NEGATIVE_INFINITY;
  }
}
