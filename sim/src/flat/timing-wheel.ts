/** Times are told apart to this part of a millisecond. */
const TICKS_PER_MS = 32;
/** 2^19 ticks are 16 s: nearly every event is due within one turn of the wheel. */
const SLOTS = 2 ** 19;
/** `MIN_PAUSE_MS` of mesh/src/mesh-engine.ts. */
const PAUSE_MS = 10;
const NONE = -1;

/** A timer that is not set. */
export const NO_TICK = -1;

/**
 * What happens next, for a million events under way: a timing wheel whose nodes are rows of typed
 * arrays. An event is three integers. Pushing and popping take constant time; events of one tick
 * come out in the order they went in, so that one seed is one run.
 */
export class TimingWheel {
  readonly #heads = new Int32Array(SLOTS).fill(NONE);
  readonly #tails = new Int32Array(SLOTS).fill(NONE);
  #next = new Int32Array(1024);
  #ticks = new Int32Array(1024);
  #words = new Int32Array(3 * 1024);
  #free = NONE;
  #used = 0;
  #before = NONE;
  #cursor = NONE;
  #tick = 0;
  #size = 0;
  /** The event popped last. */
  a = 0;
  b = 0;
  c = 0;

  get size(): number {
    return this.#size;
  }

  get tick(): number {
    return this.#tick;
  }

  get nowMs(): number {
    return this.#tick / TICKS_PER_MS;
  }

  /** Housekeeping waits this long at least, so that several things are done together. */
  get pauseMs(): number {
    return PAUSE_MS;
  }

  tickOf(atMs: number): number {
    return Math.max(this.#tick, Math.ceil(atMs * TICKS_PER_MS));
  }

  /** @returns The tick it is due at, by which a timer knows whether it was set anew since. */
  push(atMs: number, a: number, b: number, c: number): number {
    const tick = this.tickOf(atMs);
    const node = this.#take();
    this.#next[node] = NONE;
    this.#ticks[node] = tick;
    this.#words[3 * node] = a;
    this.#words[3 * node + 1] = b;
    this.#words[3 * node + 2] = c;
    const slot = tick & (SLOTS - 1);
    const tail = this.#tails[slot] as number;
    this.#tails[slot] = node;
    if (tail === NONE) this.#heads[slot] = node;
    else this.#next[tail] = node;
    // The slot being worked off was read to its end: go on with what came now.
    if (this.#cursor === NONE && slot === (this.#tick & (SLOTS - 1))) {
      this.#before = tail;
      this.#cursor = node;
    }
    this.#size++;
    return tick;
  }

  /** Take out the next event, into `a`, `b` and `c`. @returns False when none is due by then. */
  pop(untilMs: number): boolean {
    const untilTick = Math.floor(untilMs * TICKS_PER_MS);
    while (this.#size > 0) {
      while (this.#cursor !== NONE) {
        const node = this.#cursor;
        this.#cursor = this.#next[node] as number;
        if (this.#ticks[node] === this.#tick) {
          this.#remove(node);
          return true;
        }
        this.#before = node;
      }
      if (this.#tick >= untilTick) return false;
      this.#turnTo(this.#tick + 1);
    }
    if (this.#tick < untilTick) this.#turnTo(untilTick);
    return false;
  }

  #turnTo(tick: number): void {
    this.#tick = tick;
    this.#before = NONE;
    this.#cursor = this.#heads[tick & (SLOTS - 1)] as number;
  }

  #remove(node: number): void {
    const slot = this.#tick & (SLOTS - 1);
    if (this.#before === NONE) this.#heads[slot] = this.#cursor;
    else this.#next[this.#before] = this.#cursor;
    if (this.#cursor === NONE) this.#tails[slot] = this.#before;
    this.a = this.#words[3 * node] as number;
    this.b = this.#words[3 * node + 1] as number;
    this.c = this.#words[3 * node + 2] as number;
    this.#next[node] = this.#free;
    this.#free = node;
    this.#size--;
  }

  #take(): number {
    const node = this.#free;
    if (node !== NONE) {
      this.#free = this.#next[node] as number;
      return node;
    }
    if (this.#used === this.#next.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const length = 2 * this.#next.length;
    const grown = (old: Int32Array<ArrayBuffer>, size: number) => {
      const array = new Int32Array(size);
      array.set(old);
      return array;
    };
    this.#next = grown(this.#next, length);
    this.#ticks = grown(this.#ticks, length);
    this.#words = grown(this.#words, 3 * length);
  }
}
