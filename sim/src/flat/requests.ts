/** Requests under way of one peer at most, and failures remembered: more is a peer beyond help. */
const ROWS = 48;
const TRIED = 32;
const NONE = -1;

/** What each peer has asked for and not got, and whom it asked in vain. */
export class Requests {
  readonly #counts: Uint8Array;
  readonly #keys: Int32Array;
  readonly #slots: Int32Array;
  readonly #askedAtMs: Float32Array;
  readonly #isPushed: Uint8Array;
  readonly #triedKeys: Int32Array;
  readonly #triedSlots: Int32Array;
  /** It said that it has none to give: it is not asked again when the others have failed, too. */
  readonly #wasDenied: Uint8Array;
  readonly #triedNext: Uint8Array;

  constructor(peers: number) {
    this.#counts = new Uint8Array(peers);
    this.#keys = new Int32Array(peers * ROWS);
    this.#slots = new Int32Array(peers * ROWS);
    this.#askedAtMs = new Float32Array(peers * ROWS);
    this.#isPushed = new Uint8Array(peers * ROWS);
    this.#triedKeys = new Int32Array(peers * TRIED).fill(NONE);
    this.#triedSlots = new Int32Array(peers * TRIED);
    this.#wasDenied = new Uint8Array(peers * TRIED);
    this.#triedNext = new Uint8Array(peers);
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

  noteTried(peer: number, key: number, slot: number, wasDenied: boolean): void {
    const next = this.#triedNext[peer] as number;
    this.#triedNext[peer] = (next + 1) % TRIED;
    this.#wasDenied[peer * TRIED + next] = wasDenied ? 1 : 0;
    this.#triedKeys[peer * TRIED + next] = key;
    this.#triedSlots[peer * TRIED + next] = slot;
  }

  wasTried(peer: number, key: number, slot: number): boolean {
    const end = (peer + 1) * TRIED;
    for (let row = peer * TRIED; row < end; row++) {
      if (this.#triedKeys[row] === key && this.#triedSlots[row] === slot) return true;
    }
    return false;
  }

  /** Those who did not answer may be asked again. */
  forgive(peer: number, key: number): void {
    const end = (peer + 1) * TRIED;
    for (let row = peer * TRIED; row < end; row++) {
      if (this.#triedKeys[row] === key && this.#wasDenied[row] === 0) this.#triedKeys[row] = NONE;
    }
  }
}
