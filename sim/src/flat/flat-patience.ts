/** As in mesh/src/patience.ts, by the same names. */
const TWICE_MS = 20;
const ONCE_MS = 0.2;
const MOST_MS = 800;

/** How long each peer waits for an overdue block before it asks: mesh/src/patience.ts for all peers. */
export class FlatPatience {
  readonly leastMs: number;
  readonly #ms: Float32Array;

  /** @param leastMs Waited at least, in ms. */
  constructor(peers: number, leastMs: number) {
    this.leastMs = leastMs;
    this.#ms = new Float32Array(peers).fill(leastMs);
  }

  ms(peer: number): number {
    return this.#ms[peer] as number;
  }

  cameTwice(peer: number): void {
    this.#ms[peer] = Math.min((this.#ms[peer] as number) + TWICE_MS, MOST_MS);
  }

  cameOnce(peer: number): void {
    this.#ms[peer] = Math.max((this.#ms[peer] as number) - ONCE_MS, this.leastMs);
  }
}
