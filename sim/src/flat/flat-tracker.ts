import type { Random } from "../random.ts";

/** As in ../tracker.ts, by the same names. */
const INTRODUCE_MAX = 16;
const RECENT = 40;
const TRIES_MAX = 4 * INTRODUCE_MAX;

/** Who is in the swarm, and whom a peer is told of: ../tracker.ts with numbers for peers. */
export class FlatTracker {
  isUp = true;
  readonly #random: Random;
  readonly #announced: Int32Array;
  /** Where a peer is in that list. */
  readonly #places: Int32Array;
  #count = 0;

  constructor(peers: number, random: Random) {
    this.#random = random;
    this.#announced = new Int32Array(peers);
    this.#places = new Int32Array(peers);
  }

  announce(viewer: number): void {
    this.#places[viewer] = this.#count;
    this.#announced[this.#count++] = viewer;
  }

  forget(viewer: number): void {
    const place = this.#places[viewer] as number;
    const last = this.#announced[--this.#count] as number;
    this.#announced[place] = last;
    this.#places[last] = place;
  }

  /** Others for a viewer: every other one from those who came last, for they have places left. */
  introduce(to: number, want: number): Set<number> {
    const others = new Set<number>();
    const count = Math.min(want, INTRODUCE_MAX, this.#count - 1);
    for (let tries = 0; others.size < count && tries < TRIES_MAX; tries++) {
      const among = tries % 2 === 0 ? this.#count : Math.min(this.#count, RECENT);
      const drawn = this.#announced[this.#count - 1 - Math.floor(this.#random() * among)] as number;
      if (drawn !== to) others.add(drawn);
    }
    return others;
  }
}
