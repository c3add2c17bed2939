import type { PackagedChunk } from "./packager.ts";

export type PacerOptions = {
  /** How far media may run ahead of real time, in ms. See `Source.aheadMs`. */
  aheadMs: number;
  /**
   * How late media may be before real time starts anew from it, in ms. Late media is published at
   * once, so this is also the most that is ever caught up in a burst. Above what timers, garbage
   * collection and disks cost: time lost below it is made up for, so a file keeps its pace.
   * Default 500: a guess.
   */
  lateMs?: number;
  /**
   * A wait beyond this is not believed, in ms: a clock was set back, or time stamps jumped. Above
   * the longest chunk. Default 10,000.
   */
  maxWaitMs?: number;
};

/** What of a chunk the pacer looks at. */
export type PacedChunk = Pick<PackagedChunk, "mediaTimeMs" | "isDiscontinuity">;

/**
 * Says when a chunk may be published, so that media runs no faster than real time. Real time is
 * counted from an anchor, a pair of media time and clock time; the first chunk is the first anchor.
 * Waiting for a chunk leaves the anchor alone: late timers do not add up.
 */
export class Pacer {
  readonly #aheadMs: number;
  readonly #lateMs: number;
  readonly #maxWaitMs: number;
  /** Clock time minus media time of media that is neither late nor early. */
  #offsetMs: number | undefined;
  #newestMediaMs = Number.NEGATIVE_INFINITY;

  constructor({ aheadMs, lateMs = 500, maxWaitMs = 10_000 }: PacerOptions) {
    this.#aheadMs = aheadMs;
    this.#lateMs = lateMs;
    this.#maxWaitMs = maxWaitMs;
  }

  /** How long to wait from `nowMs` before this chunk goes out, in ms. Once per chunk, in order. */
  waitMs({ mediaTimeMs, isDiscontinuity }: PacedChunk, nowMs: number): number {
    // The other track was here before: its chunk set the pace, and this one is not late but second.
    if (mediaTimeMs <= this.#newestMediaMs) return 0;
    this.#newestMediaMs = mediaTimeMs;
    const earlyMs = (this.#offsetMs ?? nowMs - mediaTimeMs) + mediaTimeMs - nowMs;
    const waitMs = Math.max(0, earlyMs - this.#aheadMs);
    // A new beginning owes nothing for the time between. It gets no advance either: a looped file
    // would gain a chunk per round.
    const toleratedMs = isDiscontinuity ? 0 : this.#lateMs;
    if (this.#offsetMs === undefined || -earlyMs > toleratedMs || waitMs > this.#maxWaitMs) {
      this.#offsetMs = nowMs - mediaTimeMs;
      return 0;
    }
    return waitMs;
  }
}
