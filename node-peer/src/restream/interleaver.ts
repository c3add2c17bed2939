/** What lies on a track from `startMs` to `endMs` of media time. */
export type Interval<T> = { startMs: number; endMs: number; item: T };

type Lane<T> = { queue: Interval<T>[]; knownToMs: number };

/**
 * Merges tracks by media time: an item goes out once no other track can bring an earlier one. A
 * track that stays away is not waited for longer than `patienceMs` of media.
 */
export class Interleaver<T> {
  readonly #lanes: Lane<T>[];
  readonly #patienceMs: number;
  #newestMs = Number.NEGATIVE_INFINITY;
  #expected: readonly Lane<T>[];

  constructor(laneCount: number, patienceMs: number) {
    this.#patienceMs = patienceMs;
    this.#lanes = Array.from({ length: laneCount }, () => ({
      queue: [],
      knownToMs: Number.NEGATIVE_INFINITY,
    }));
    this.#expected = this.#lanes;
  }

  /** Nobody waits for lanes other than these. Default: all. */
  expect(lanes: readonly number[]): void {
    this.#expected = this.#lanes.filter((_, lane) => lanes.includes(lane));
  }

  /** Per lane in order. @returns What can go out now, in order. */
  push(lane: number, interval: Interval<T>): T[] {
    const target = this.#lanes[lane];
    if (target === undefined) throw new RangeError(`no lane ${lane}`);
    target.queue.push(interval);
    target.knownToMs = Math.max(target.knownToMs, interval.endMs);
    this.#newestMs = Math.max(this.#newestMs, interval.endMs);
    return this.#take((startMs) =>
      this.#expected.every(({ queue, knownToMs }) => queue.length > 0 || knownToMs >= startMs),
    );
  }

  /** Everything, in order. */
  flush(): T[] {
    return this.#take(() => true);
  }

  #take(isSettled: (startMs: number) => boolean): T[] {
    const ready: T[] = [];
    for (;;) {
      const lane = this.#earliest();
      const [first] = lane?.queue ?? [];
      if (lane === undefined || first === undefined) return ready;
      const isOverdue = this.#newestMs - first.startMs > this.#patienceMs;
      if (!isOverdue && !isSettled(first.startMs)) return ready;
      lane.queue.shift();
      ready.push(first.item);
    }
  }

  #earliest(): Lane<T> | undefined {
    let earliest: Lane<T> | undefined;
    for (const lane of this.#lanes) {
      const startMs = lane.queue[0]?.startMs;
      if (startMs === undefined) continue;
      if (startMs < (earliest?.queue[0]?.startMs ?? Number.POSITIVE_INFINITY)) earliest = lane;
    }
    return earliest;
  }
}
