/** Remembers who came in with which token, so that one for ten viewers lets ten in. */
export type UseCounter = {
  /**
   * Let `who` in with the token `id`. The same one again is not counted again: peers come back.
   * @param untilMs Unix time at which the token ends, and may be forgotten.
   * @returns False when `max` others were let in before.
   */
  take(id: string, who: string, max: number, untilMs: number): Promise<boolean>;
};

/** Tokens with a limit that are remembered at once: bounds memory, at about 200 bytes each. */
const TOKENS_MAX = 100_000;

/** For one process. What is remembered is lost with it, as the peers that were let in are. */
export class MemoryUseCounter implements UseCounter {
  readonly #tokens = new Map<string, { who: Set<string>; untilMs: number }>();
  readonly #wallClockMs: () => number;

  constructor(wallClockMs: () => number = Date.now) {
    this.#wallClockMs = wallClockMs;
  }

  async take(id: string, who: string, max: number, untilMs: number): Promise<boolean> {
    const known = this.#tokens.get(id);
    if (known !== undefined) {
      if (known.who.has(who)) return true;
      if (known.who.size >= max) return false;
      known.who.add(who);
      return true;
    }
    // Full of tokens that are still good: better nobody than everybody.
    if (this.#tokens.size >= TOKENS_MAX && !this.#forgetEnded()) return false;
    this.#tokens.set(id, { who: new Set([who]), untilMs });
    return true;
  }

  #forgetEnded(): boolean {
    const nowMs = this.#wallClockMs();
    for (const [id, { untilMs }] of this.#tokens) if (untilMs < nowMs) this.#tokens.delete(id);
    return this.#tokens.size < TOKENS_MAX;
  }
}
