/** Requests under way of one peer at most: more is a peer beyond help. */
const ROWS = 48;
/** Failures remembered per peer, a power of two; of two that meet in one place the later one stays. */
const TRIED = 256;
/** A viewer's links, as in `Links`. */
const LINK_BITS = 4;
const NONE = -1;

/** What each peer has asked for and not got, and whom it asked in vain. */
export class Requests {
  readonly #counts: Uint8Array;
  readonly #keys: Int32Array;
  readonly #slots: Int32Array;
  readonly #askedAtMs: Float32Array;
  readonly #isPushed: Uint8Array;
  /** Block and link as one number, twice, and one more for those not to be asked again; 0 for none. */
  readonly #tried: Int32Array;

  constructor(peers: number) {
    this.#counts = new Uint8Array(peers);
    this.#keys = new Int32Array(peers * ROWS);
    this.#slots = new Int32Array(peers * ROWS);
    this.#askedAtMs = new Float32Array(peers * ROWS);
    this.#isPushed = new Uint8Array(peers * ROWS);
    this.#tried = new Int32Array(peers * TRIED);
  }

  isFull(peer: number): boolean {
    return this.#counts[peer] === ROWS;
  }

  add(peer: number, key: number, slot: number, nowMs: number, isPushed: boolean): void {
    const count = this.#counts[peer] as number;
    const row = peer * ROWS + count;
    this.#counts[peer] = count + 1;
    this.#keys[row] = key;
    this.#slots[row] = slot;
    this.#askedAtMs[row] = nowMs;
    this.#isPushed[row] = isPushed ? 1 : 0;
  }

  /** Row of a block's request, -1 for none. */
  find(peer: number, key: number): number {
    const end = peer * ROWS + (this.#counts[peer] as number);
    for (let row = peer * ROWS; row < end; row++) if (this.#keys[row] === key) return row;
    return NONE;
  }

  /** Row of the request that was made longest ago, -1 for none. */
  oldest(peer: number): number {
    const end = peer * ROWS + (this.#counts[peer] as number);
    let oldest = NONE;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (let row = peer * ROWS; row < end; row++) {
      const askedAtMs = this.#askedAtMs[row] as number;
      if (askedAtMs >= oldestMs) continue;
      oldest = row;
      oldestMs = askedAtMs;
    }
    return oldest;
  }

  /** Row of a request to this neighbor, -1 for none. */
  to(peer: number, slot: number): number {
    const end = peer * ROWS + (this.#counts[peer] as number);
    for (let row = peer * ROWS; row < end; row++) if (this.#slots[row] === slot) return row;
    return NONE;
  }

  keyOf(row: number): number {
    return this.#keys[row] as number;
  }

  slotOf(row: number): number {
    return this.#slots[row] as number;
  }

  askedAtMs(row: number): number {
    return this.#askedAtMs[row] as number;
  }

  isPushed(row: number): boolean {
    return this.#isPushed[row] === 1;
  }

  remove(peer: number, row: number): void {
    const count = (this.#counts[peer] as number) - 1;
    const last = peer * ROWS + count;
    this.#counts[peer] = count;
    this.#keys[row] = this.#keys[last] as number;
    this.#slots[row] = this.#slots[last] as number;
    this.#askedAtMs[row] = this.#askedAtMs[last] as number;
    this.#isPushed[row] = this.#isPushed[last] as number;
  }

  /**
   * Asked in vain.
   * @param nth Of the peer's links, which one.
   * @param isFinal It had said that it holds the block and has taken that back: it is not asked again.
   */
  noteTried(peer: number, key: number, nth: number, isFinal: boolean): void {
    const name = nameOf(key, nth);
    this.#tried[placeOf(peer, name)] = 2 * name + (isFinal ? 1 : 0);
  }

  wasTried(peer: number, key: number, nth: number): boolean {
    const name = nameOf(key, nth);
    return (this.#tried[placeOf(peer, name)] as number) >> 1 === name;
  }

  /** Those who did not answer may be asked again. */
  forgive(peer: number, key: number): void {
    for (let nth = 0; nth < 1 << LINK_BITS; nth++) {
      const name = nameOf(key, nth);
      const place = placeOf(peer, name);
      if (this.#tried[place] === 2 * name) this.#tried[place] = 0;
    }
  }
}

function nameOf(key: number, nth: number): number {
  return ((key + 1) << LINK_BITS) | nth;
}

function placeOf(peer: number, name: number): number {
  return peer * TRIED + ((Math.imul(name, 0x9e3779b1) >>> 24) & (TRIED - 1));
}
