/**
 * What happens next, in virtual time. A binary heap over typed arrays; events of the same time come
 * out in the order they went in, so that one seed is one run.
 */
export class EventQueue<T> {
  #times = new Float64Array(1024);
  #orders = new Float64Array(1024);
  #items: (T | undefined)[] = new Array(1024);
  #size = 0;
  #order = 0;

  get size(): number {
    return this.#size;
  }

  /** Infinity when there is nothing left. */
  get nextAtMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  push(atMs: number, item: T): void {
    if (this.#size === this.#times.length) this.#grow();
    const order = this.#order++;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // A later event of the same time stays behind.
      if ((this.#times[parent] as number) <= atMs) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#set(at, atMs, order, item);
  }

  /** The next event; only when there is one. */
  pop(): T {
    const first = this.#items[0];
    if (this.#size === 0) throw new Error("pop needs an event in the queue");
    const last = --this.#size;
    const atMs = this.#times[last] as number;
    const order = this.#orders[last] as number;
    const item = this.#items[last];
    this.#items[last] = undefined;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBefore(child + 1, child)) child++;
      const childAtMs = this.#times[child] as number;
      const isHere =
        childAtMs > atMs || (childAtMs === atMs && (this.#orders[child] as number) > order);
      if (isHere) break;
      this.#move(child, at);
      at = child;
    }
    if (last > 0) this.#set(at, atMs, order, item);
    return first as T;
  }

  #isBefore(a: number, b: number): boolean {
    const aMs = this.#times[a] as number;
    const bMs = this.#times[b] as number;
    return aMs < bMs || (aMs === bMs && (this.#orders[a] as number) < (this.#orders[b] as number));
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number;
    this.#orders[to] = this.#orders[from] as number;
    this.#items[to] = this.#items[from];
  }

  #set(at: number, atMs: number, order: number, item: T | undefined): void {
    this.#times[at] = atMs;
    this.#orders[at] = order;
    this.#items[at] = item;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#times.length);
    const orders = new Float64Array(times.length);
    times.set(this.#times);
    orders.set(this.#orders);
    this.#times = times;
    this.#orders = orders;
    this.#items.length = times.length;
  }
}
