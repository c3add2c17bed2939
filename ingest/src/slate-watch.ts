/**
 * Length of one stretch of slate, in ms: a key frame each. Half a second costs less than most
 * streams do, and is all that the next encoder can come back behind.
 */
export const SLATE_STEP_MS = 500;

/** When a slate is due: nothing came for a while, and then it goes on until something comes. */
export class SlateWatch {
  readonly #afterMs: number;
  #quietSinceMs: number;
  #dueAtMs: number;
  #isShown = false;

  /** @param afterMs How long nothing may come; infinity for no slate. */
  constructor(afterMs: number, nowMs: number) {
    this.#afterMs = afterMs;
    this.#quietSinceMs = nowMs;
    this.#dueAtMs = nowMs + afterMs;
  }

  get isShown(): boolean {
    return this.#isShown;
  }

  /** When to show the next stretch. */
  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** Media came. */
  heard(nowMs: number): void {
    this.#isShown = false;
    this.#quietSinceMs = nowMs;
    this.#dueAtMs = nowMs + this.#afterMs;
  }

  /** A stretch was shown; the next one is due when it ends. */
  shown(nowMs: number): void {
    this.#isShown = true;
    // Late timers do not add up; a machine that slept does not make up for it.
    const isFarBehind = nowMs - this.#dueAtMs > SLATE_STEP_MS;
    this.#dueAtMs = (isFarBehind ? nowMs : this.#dueAtMs) + SLATE_STEP_MS;
  }

  /** There is nothing to show yet. */
  nothingToShow(nowMs: number): void {
    this.#dueAtMs = nowMs + this.#afterMs;
  }

  /** How long nothing has come, in ms. */
  quietMs(nowMs: number): number {
    return nowMs - this.#quietSinceMs;
  }
}
