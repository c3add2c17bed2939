import type { PeerId } from "#protocol";

/** Time the tracker has to name somebody, in ms, before a neighbor is asked. */
const TRACKER_GRACE_MS = 2000;
/** Pause between two questions, in ms; doubled as long as nobody new comes of them, for in a small
 * swarm everybody is short of neighbors for ever. */
const PAUSE_MS = 2000;
const PAUSE_MAX_MS = 32_000;
/** One neighbor answers at most once in 4 s. */
const SAME_NEIGHBOR_MS = 5000;

type Helper = { peer: PeerId; askedAtMs: number };

/** When to ask a neighbor for peers, and whom: one at a time, at random, and not before the tracker
 * had its chance. */
export class ExchangeSearch {
  readonly #random: () => number;
  /** Short of neighbors, and not helped, since; undefined while there are enough. */
  #shortSinceMs: number | undefined;
  #lastAskMs = Number.NEGATIVE_INFINITY;
  /** After the last question. */
  #pauseMs = PAUSE_MS;
  #hasNews = true;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** There is news: asking is worth while again. */
  hurry(): void {
    this.#pauseMs = PAUSE_MS;
    this.#hasNews = true;
  }

  helped(nowMs: number): void {
    if (this.#shortSinceMs !== undefined) this.#shortSinceMs = nowMs;
  }

  /** @returns Whom to ask now, if anybody, and when to look again. */
  housekeep(
    missing: number,
    helpers: readonly Helper[],
    nowMs: number,
  ): { ask: PeerId | undefined; dueAtMs: number } {
    if (missing <= 0) {
      this.#shortSinceMs = undefined;
      // Dials count as neighbors, and one that fails makes us short without a word.
      return { ask: undefined, dueAtMs: nowMs + TRACKER_GRACE_MS };
    }
    this.#shortSinceMs ??= nowMs;
    const askAtMs = this.#askAtMs(this.#shortSinceMs, helpers);
    if (nowMs < askAtMs) return { ask: undefined, dueAtMs: askAtMs };
    const ready = helpers.filter(({ askedAtMs }) => askedAtMs + SAME_NEIGHBOR_MS <= nowMs);
    const ask = ready[Math.floor(this.#random() * ready.length)]?.peer;
    this.#lastAskMs = nowMs;
    this.#pauseMs = this.#hasNews ? PAUSE_MS : Math.min(2 * this.#pauseMs, PAUSE_MAX_MS);
    this.#hasNews = false;
    const asked = helpers.map((one) => (one.peer === ask ? { ...one, askedAtMs: nowMs } : one));
    return { ask, dueAtMs: this.#askAtMs(this.#shortSinceMs, asked) };
  }

  /** Never, while there is nobody to ask. */
  #askAtMs(shortSinceMs: number, helpers: readonly Helper[]): number {
    const freeAtMs = helpers.reduce(
      (soonest, { askedAtMs }) => Math.min(soonest, askedAtMs + SAME_NEIGHBOR_MS),
      Number.POSITIVE_INFINITY,
    );
    return Math.max(shortSinceMs + TRACKER_GRACE_MS, this.#lastAskMs + this.#pauseMs, freeAtMs);
  }
}
