/** Time as the transport's parts need it; tests bring their own. */
export interface Clock {
  /** Monotonic, in ms, with a fraction. */
  nowMs(): number;
  /** Unix time in ms, as this machine believes it to be. */
  wallClockMs(): number;
  /** Calls back once after `delayMs`. The returned function takes it back. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Longest delay timers accept (a signed 32-bit number of ms); a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallClockMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
