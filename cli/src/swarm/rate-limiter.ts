/**
 * Time lost below this is made up for, so that a slow timer costs no rate; beyond it, the rate
 * counts from now on, so that a reader that stalled gets no burst. In ms.
 */
const LATE_MS = 250;

/** When the next bytes may go, so that no more than `bytesPerSecond` do. */
export class RateLimiter {
  readonly #bytesPerMs: number;
  /** When the bytes sent so far are due at this rate. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** How long to wait from `nowMs` before `byteCount` bytes go, in ms. Once per piece, in order. */
  waitMs(byteCount: number, nowMs: number): number {
    const startMs = nowMs - this.#dueMs > LATE_MS ? nowMs : this.#dueMs;
    this.#dueMs = startMs + byteCount / this.#bytesPerMs;
    return Math.max(0, startMs - nowMs);
  }
}
