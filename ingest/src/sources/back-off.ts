export type BackOffOptions = {
  /** Before the second try, in ms. Default 250: an encoder that restarts is back within a second. */
  minDelayMs: number;
  /** The longest, in ms. Default 5000: an encoder started by hand is found before one looks up. */
  maxDelayMs: number;
};

export const DEFAULT_BACK_OFF: BackOffOptions = { minDelayMs: 250, maxDelayMs: 5000 };

/**
 * How long to wait before trying again: doubled with each failure, capped, and between half and all
 * of that, so that many clients of a server that comes back do not come at once.
 * @param failures Tries that failed in a row, from 0.
 * @param random From 0 up to 1.
 */
export function backOffMs(options: BackOffOptions, failures: number, random: number): number {
  const { minDelayMs, maxDelayMs } = options;
  const delayMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(failures, 30));
  return delayMs * (0.5 + random / 2);
}
