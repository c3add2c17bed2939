/** Requests that wait for something to become true. Bounded in number and time. */
export class WaitingRoom {
  readonly #max: number;
  readonly #maxMs: number;
  readonly #waiting = new Set<() => void>();

  constructor({ max, maxMs }: { max: number; maxMs: number }) {
    this.#max = max;
    this.#maxMs = maxMs;
  }

  get isFull(): boolean {
    return this.#waiting.size >= this.#max;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when the condition holds, when it does not in time, or when nobody waits any more;
   * the caller looks which.
   * @param onGone Called with what to do when the client went away.
   */
  wait(isMet: () => boolean, onGone: (give: () => void) => unknown): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        if (!this.#waiting.delete(look)) return;
        clearTimeout(timer);
        resolve();
      };
      const look = () => {
        if (this.#isClosed || isMet()) settle();
      };
      const timer = setTimeout(settle, this.#maxMs);
      this.#waiting.add(look);
      onGone(settle);
      look();
    });
  }

  /** Something changed. */
  look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #isClosed = false;

  /** Let all go. */
  close(): void {
    this.#isClosed = true;
    this.look();
  }
}
