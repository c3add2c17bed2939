/** What a block that came twice adds, in ms, and what one that came once takes away: in balance when
 * one in a hundred comes twice. */
const TWICE_MS = 20;
const ONCE_MS = 0.2;
/** Beyond this, in ms, waiting costs more than a duplicate. */
const MOST_MS = 800;

/**
 * How long an overdue block is waited for before it is requested. If requested blocks come by push as
 * well, we ask too early: in a swarm short of upload that takes from others what we then throw away.
 */
export class Patience {
  readonly #leastMs: number;
  #ms: number;

  /** @param leastMs Waited at least, in ms. */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
    this.#ms = leastMs;
  }

  get ms(): number {
    return this.#ms;
  }

  cameTwice(): void {
    this.#ms = Math.min(this.#ms + TWICE_MS, MOST_MS);
  }

  cameOnce(): void {
    this.#ms = Math.max(this.#ms - ONCE_MS, this.#leastMs);
  }
}
