/** Lets one loop sleep until something happened, whatever it was. Nothing is lost in between. */
export class WakeUp {
  #isDue = false;
  #resolve: (() => void) | undefined;

  /** Something happened. Keeps its `this`, so it can be handed over as a listener. */
  readonly wake = (): void => {
    this.#isDue = true;
    this.#resolve?.();
  };

  /** Resolves when `wake` is called, or at once if it was since the last time. */
  async wait(): Promise<void> {
    if (!this.#isDue) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
    }
    this.#resolve = undefined;
    this.#isDue = false;
  }
}
