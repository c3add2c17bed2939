import type { Block } from "#protocol";
import type { Clock } from "../clock.ts";

/** Age of the newest block of a join response, in ms, beyond which our own clock is what is wrong. */
const PLAUSIBLE_AGE_MS = { min: -500, max: 10_000 };
/** What is assumed then: a chunk's length and the way here. */
const ASSUMED_AGE_MS = 400;

/**
 * What time it is at the source. The tracker's word counts; until there is one, this machine's
 * clock does, unless the stream itself shows that it is wrong.
 */
export class SourceClock {
  readonly #clock: Clock;
  readonly #onAdjusted: (offsetMs: number) => void;
  #offsetMs: number;
  #isTold = false;

  /** @param onAdjusted Source time is `clock.nowMs()` plus this, from now on. */
  constructor(clock: Clock, onAdjusted: (offsetMs: number) => void) {
    this.#clock = clock;
    this.#onAdjusted = onAdjusted;
    this.#offsetMs = clock.wallClockMs() - clock.nowMs();
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.#offsetMs;
  }

  /** By the tracker. */
  told(offsetMs: number): void {
    this.#isTold = true;
    this.#adjust(offsetMs);
  }

  /** Blocks of a live stream came from the origin just now. */
  seen(blocks: readonly Block[]): void {
    if (this.#isTold || blocks.length === 0) return;
    const newestMs = blocks.reduce(
      (newest, { sourceTimeMs, durationMs }) => Math.max(newest, sourceTimeMs + durationMs),
      0,
    );
    const ageMs = this.nowMs() - newestMs;
    if (ageMs >= PLAUSIBLE_AGE_MS.min && ageMs <= PLAUSIBLE_AGE_MS.max) return;
    this.#adjust(newestMs + ASSUMED_AGE_MS - this.#clock.nowMs());
  }

  #adjust(offsetMs: number): void {
    if (offsetMs === this.#offsetMs) return;
    this.#offsetMs = offsetMs;
    this.#onAdjusted(offsetMs);
  }
}
