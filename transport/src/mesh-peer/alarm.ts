import type { Clock } from "../clock.ts";

/**
 * One timer for one next deadline. A deadline that moves back is looked at when the timer fires,
 * because it moves with every message and setting timers is not free.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** @param wakeAtMs Of `clock.nowMs()`; infinite for never. */
  set(wakeAtMs: number): void {
    this.#wakeAtMs = wakeAtMs;
    if (wakeAtMs >= this.#timerAtMs || wakeAtMs === Number.POSITIVE_INFINITY) return;
    this.#arm();
  }

  clear(): void {
    this.#cancel();
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    this.#cancel();
    this.#timerAtMs = this.#wakeAtMs;
    // Timers count whole milliseconds and may be early by a fraction; late is what is promised.
    const delayMs = Math.max(0, Math.ceil(this.#wakeAtMs - this.#clock.nowMs()));
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      if (this.#wakeAtMs <= this.#clock.nowMs()) this.#onDue();
      else if (this.#wakeAtMs < Number.POSITIVE_INFINITY) this.#arm();
    });
  }
}
