import type { Clock } from "../clock.ts";

type Timer = { dueMs: number; order: number; callback: () => void };

/** A clock that stands still until told to move. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs: number;
  #wallOffsetMs: number;
  #order = 0;

  constructor({ nowMs = 0, wallClockMs = 1_700_000_000_000 } = {}) {
    this.#nowMs = nowMs;
    this.#wallOffsetMs = wallClockMs - nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallClockMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** For `memoryLinks({ schedule })`. */
  readonly schedule = (task: () => void, delayMs: number): void => {
    this.after(delayMs, task);
  };

  /** When the next timer is due; infinite when none is set. */
  get nextDueMs(): number {
    return this.#next()?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Move on by `ms`, running what becomes due in order, and promises between the timers. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (
      let next = this.#next();
      next !== undefined && next.dueMs <= untilMs;
      next = this.#next()
    ) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.#timers.delete(next);
      next.callback();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}

/** Let everything that waits on promises only, WebCrypto excepted, run to its end. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
