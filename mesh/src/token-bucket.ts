/** Lets bytes through at a steady rate, with a burst. The clock is the caller's. */
export class TokenBucket {
  #burstBytes: number;
  #rateBps: number;
  #tokens: number;
  #filledAtMs = 0;

  /** @param rateBps Bits per second, as everywhere; the bucket itself counts bytes. */
  constructor(rateBps: number, burstBytes: number) {
    this.#rateBps = rateBps;
    this.#burstBytes = burstBytes;
    this.#tokens = rateBps > 0 ? burstBytes : 0;
  }

  setRate(rateBps: number, nowMs: number, burstBytes = this.#burstBytes): void {
    this.#fill(nowMs);
    this.#rateBps = rateBps;
    this.#burstBytes = burstBytes;
  }

  /** Take `bytes` if the bucket is not in debt. Debt of one message keeps large ones possible. */
  take(bytes: number, nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens <= 0) return false;
    this.#tokens -= bytes;
    return true;
  }

  /** When `take` will succeed next. */
  readyAtMs(nowMs: number): number {
    this.#fill(nowMs);
    if (this.#tokens > 0) return nowMs;
    if (this.#rateBps <= 0) return Number.POSITIVE_INFINITY;
    return nowMs + ((1 - this.#tokens) * 8000) / this.#rateBps;
  }

  #fill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#tokens = Math.min(this.#burstBytes, this.#tokens + (elapsedMs * this.#rateBps) / 8000);
    this.#filledAtMs = nowMs;
  }
}
