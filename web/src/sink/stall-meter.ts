/**
 * Counts and times stalls: playback that stops because the forward buffer ran out. Not while the
 * viewer paused, before the first frame, during a seek, or while nobody broadcasts.
 */
export class StallMeter {
  #count = 0;
  #endedMs = 0;
  #sinceMs: number | undefined;

  get isStalled(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** @returns Whether this is the beginning of a stall. */
  begin(nowMs: number): boolean {
    if (this.#sinceMs !== undefined) return false;
    this.#sinceMs = nowMs;
    this.#count++;
    return true;
  }

  /** Playback goes on, or its stopping has another reason now. */
  end(nowMs: number): void {
    if (this.#sinceMs === undefined) return;
    this.#endedMs += nowMs - this.#sinceMs;
    this.#sinceMs = undefined;
  }

  /** The running stall included. */
  totals(nowMs: number): { count: number; totalMs: number } {
    const runningMs = this.#sinceMs === undefined ? 0 : nowMs - this.#sinceMs;
    return { count: this.#count, totalMs: this.#endedMs + runningMs };
  }
}
