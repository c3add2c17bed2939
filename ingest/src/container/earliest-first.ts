/** How long the next item of one lane may keep the others waiting, in ms: a live track may stay
 * away, and what comes of the others would be held back for it. */
const PATIENCE_MS = 1000;

type Timed = { dtsTicks: number };

/** What several iterators yield, by time. One that brings nothing for a while is not waited for. */
export async function* earliestFirst<T extends Timed>(
  iterators: readonly AsyncIterator<T, void>[],
): AsyncGenerator<T, void, void> {
  const lanes = iterators.map((iterator) => new Lane(iterator));
  for (;;) {
    const hasSome = lanes.some(({ next }) => next !== undefined);
    const missing = lanes.filter((lane) => lane.isMissing && !(hasSome && lane.isLate));
    if (!hasSome && missing.length > 0) {
      await Promise.race(missing.map((lane) => lane.asked()));
    } else if (missing.length > 0) {
      await within(PATIENCE_MS, Promise.all(missing.map((lane) => lane.asked())));
      for (const lane of missing) lane.isLate = lane.isMissing;
    }
    const failed = lanes.find(({ failure }) => failure !== undefined);
    if (failed !== undefined) throw failed.failure;
    const first = lanes.reduce((a, b) => (b.timeTicks < a.timeTicks ? b : a), lanes[0] ?? NONE);
    if (first.next === undefined) {
      if (lanes.every(({ isOver }) => isOver)) return;
      continue;
    }
    // The others come to have theirs before this one is asked again.
    if (!hasSome && lanes.some((lane) => lane.isMissing && !lane.isLate)) continue;
    yield first.take();
  }
}

class Lane<T extends Timed> {
  readonly #iterator: AsyncIterator<T, void>;
  #asked: Promise<void> | undefined;
  next: T | undefined;
  isOver = false;
  /** It kept the others waiting too long already. */
  isLate = false;
  failure: unknown;

  constructor(iterator: AsyncIterator<T, void>) {
    this.#iterator = iterator;
  }

  get isMissing(): boolean {
    return this.next === undefined && !this.isOver;
  }

  get timeTicks(): number {
    return this.next?.dtsTicks ?? Number.POSITIVE_INFINITY;
  }

  /** Settles when the next item is there, or there is none. Never rejects. */
  asked(): Promise<void> {
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = undefined;
      this.isLate = false;
    });
    return this.#asked;
  }

  take(): T {
    const taken = this.next as T;
    this.next = undefined;
    return taken;
  }

  async #ask(): Promise<void> {
    try {
      const result = await this.#iterator.next();
      if (result.done) this.isOver = true;
      else this.next = result.value;
    } catch (error) {
      this.isOver = true;
      this.failure = error ?? new Error("reading failed");
    }
  }
}

const NONE = new Lane<never>({ next: async () => ({ done: true, value: undefined }) });

async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
