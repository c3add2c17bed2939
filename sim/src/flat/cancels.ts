/** Blocks remembered per peer, a power of two; of two that meet in one place the later one stays. */
const PLACES = 64;
/** Links of one peer at most, as a power of two: the seeder has that many. */
const LINK_BITS = 8;

/** Blocks that neighbors said they need not be sent: `noteHas` of mesh/src/neighbor.ts. */
export class Cancels {
  readonly #names: Int32Array;

  constructor(peers: number) {
    this.#names = new Int32Array(peers * PLACES);
  }

  /** @param nth Of the peer's links, which one. */
  add(peer: number, nth: number, key: number): void {
    const name = nameOf(nth, key);
    this.#names[placeOf(peer, name)] = name;
  }

  has(peer: number, nth: number, key: number): boolean {
    const name = nameOf(nth, key);
    return this.#names[placeOf(peer, name)] === name;
  }
}

function nameOf(nth: number, key: number): number {
  return ((key + 1) << LINK_BITS) | nth;
}

function placeOf(peer: number, name: number): number {
  return peer * PLACES + ((Math.imul(name, 0x9e3779b1) >>> 26) & (PLACES - 1));
}
