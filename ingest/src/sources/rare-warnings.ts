/** Pause between two warnings of one kind, in ms: who knocks all the time must not fill the log. */
const PAUSE_MS = 10_000;

/** Counts what goes wrong by kind, and says it at once, but then only every few seconds. */
export class RareWarnings {
  readonly #kinds = new Map<string, { saidAtMs: number; count: number }>();

  /** @returns The line to say now, if it is time; `describe` gets how often it happened since. */
  note(
    kind: string,
    nowMs: number,
    describe: (count: number) => string,
    times = 1,
  ): string | undefined {
    const state = this.#kinds.get(kind) ?? { saidAtMs: Number.NEGATIVE_INFINITY, count: 0 };
    this.#kinds.set(kind, state);
    state.count += times;
    if (nowMs - state.saidAtMs < PAUSE_MS) return undefined;
    const line = describe(state.count);
    state.saidAtMs = nowMs;
    state.count = 0;
    return line;
  }
}
