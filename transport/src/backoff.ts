export type BackoffOptions = {
  /** First delay, in ms. */
  minMs: number;
  /** The delays grow by half each time up to this, in ms. */
  maxMs: number;
  /** Uniform in [0, 1). */
  random: () => number;
};

/**
 * How long to wait before the next try. Spread over ±50 %, so that the clients of a server that
 * went away do not all come back in the same moment.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #delayMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#delayMs = options.minMs;
  }

  nextMs(): number {
    const { maxMs, random } = this.#options;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(maxMs, delayMs * 1.5);
    return delayMs * (0.5 + random());
  }

  /** It worked: the next failure starts small again. */
  reset(): void {
    this.#delayMs = this.#options.minMs;
  }
}
