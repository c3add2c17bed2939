/** Pictures looked at before the first one goes on, to see how far they are out of order. */
const LOOK_AHEAD = 12;
/** Until two pictures tell: 25 a second. */
const DEFAULT_FRAME_TICKS = 3600;

/**
 * When pictures are decoded, told from the order they come in and from when they are shown, as most
 * containers have no more than that. Times of decoding are those of showing, in order, as many
 * pictures earlier as the order differs: so none is shown before it is decoded.
 */
export class DecodeTimes<T extends { ptsTicks: number }> {
  #waiting: T[] | undefined = [];
  /** Shown times not given away as decode times yet, rising. */
  readonly #shown: number[] = [];
  #last = Number.NEGATIVE_INFINITY;

  /** In decode order. @returns What is clear now. */
  push(picture: T): (T & { dtsTicks: number })[] {
    if (this.#waiting === undefined) return [this.#timed(picture)];
    this.#waiting.push(picture);
    return this.#waiting.length < LOOK_AHEAD ? [] : this.flush();
  }

  /** Nothing more will come, or soon enough. */
  flush(): (T & { dtsTicks: number })[] {
    const waiting = this.#waiting ?? [];
    if (waiting.length === 0) return [];
    this.#waiting = undefined;
    this.#begin(waiting.map(({ ptsTicks }) => ptsTicks));
    return waiting.map((picture) => this.#timed(picture));
  }

  /** As many times before the first one as pictures are shown later than they came. */
  #begin(shown: readonly number[]): void {
    const rising = shown.toSorted((a, b) => a - b);
    const steps = rising.slice(1).map((ticks, index) => ticks - (rising[index] ?? ticks));
    const frameTicks = Math.min(...steps.filter((step) => step > 0), DEFAULT_FRAME_TICKS);
    const first = rising[0] ?? 0;
    const late = shown.map((ticks, place) => {
      return shown.slice(0, place).filter((before) => before > ticks).length;
    });
    for (let i = Math.max(0, ...late); i > 0; i--) this.#shown.push(first - i * frameTicks);
  }

  #timed(picture: T): T & { dtsTicks: number } {
    const at = this.#shown.findLastIndex((ticks) => ticks <= picture.ptsTicks);
    this.#shown.splice(at + 1, 0, picture.ptsTicks);
    const next = this.#shown.shift() ?? picture.ptsTicks;
    this.#last = Math.max(next, this.#last + 1);
    return { ...picture, dtsTicks: this.#last };
  }
}
