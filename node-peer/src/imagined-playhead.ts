/** Further behind than asked for at the start, in ms: first neighbors and parents take their time,
 * and a viewer would not have begun to play yet. */
const START_EXTRA_MS = 1500;
/** What a missed chunk adds, and all of it together at most, in ms. */
const MISSED_EXTRA_MS = 500;
const EXTRA_MAX_MS = 2500;
/** How fast it is made up for: within 10 seconds of calm a second and a half. A viewer plays 5 %
 * faster for that; nobody watches here. */
const CATCH_UP_RATE = 0.15;

/**
 * Where a viewer of the stream would be: `latencyMs` behind the source when all is well, further
 * behind after the start and after something was missed. The engine takes deadlines from it.
 */
export class ImaginedPlayhead {
  readonly #latencyMs: number;
  #extraMs = START_EXTRA_MS;
  #missed = 0;
  #lastMs: number | undefined;

  constructor(latencyMs: number) {
    this.#latencyMs = latencyMs;
  }

  /** How far behind the source it is now, in ms. */
  get lagMs(): number {
    return this.#latencyMs + this.#extraMs;
  }

  /**
   * Time has passed.
   * @param hasBegun Whether there was a chunk yet; before, nothing is made up for.
   * @param missed Chunks missed so far.
   */
  tick(nowMs: number, hasBegun: boolean, missed: number): void {
    const passedMs = nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = nowMs;
    if (missed > this.#missed) {
      this.#extraMs = Math.min(EXTRA_MAX_MS, this.#extraMs + MISSED_EXTRA_MS);
    } else if (hasBegun) {
      this.#extraMs = Math.max(0, this.#extraMs - passedMs * CATCH_UP_RATE);
    }
    this.#missed = missed;
  }
}
