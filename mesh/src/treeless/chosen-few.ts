import type { PeerId } from "#protocol";
import { blockKey } from "../block-key.ts";
import type { MeshContext } from "../context.ts";
import type { BlockPlace } from "../scheduler.ts";

/** Blocks remembered: more than a neighbor's claims reach back. */
const BLOCKS_MAX = 4096;
/** An uplink that carries nothing counts for this much, in bit/s: somebody has to be chosen. */
const LEAST_BPS = 1000;

/** The few neighbors that get a block from the source: drawn once per block, the capable more often. */
export class ChosenFew {
  readonly #context: MeshContext;
  readonly #chosen = new Map<number, readonly PeerId[]>();

  constructor(context: MeshContext) {
    this.#context = context;
  }

  of({ track, sequence, index }: BlockPlace): readonly PeerId[] {
    const key = blockKey(track, sequence, index);
    const known = this.#chosen.get(key);
    if (known !== undefined) return known;
    const chosen = this.#draw();
    // Without neighbors there is nothing to hold on to: the first to come may have it.
    if (chosen.length > 0) this.#chosen.set(key, chosen);
    const oldest = this.#chosen.keys().next();
    if (this.#chosen.size > BLOCKS_MAX && !oldest.done) this.#chosen.delete(oldest.value);
    return chosen;
  }

  /** Weighted by uplink, nobody twice: the largest of log(random) / weight (Efraimidis, Spirakis). */
  #draw(): PeerId[] {
    const { neighbors, options, random } = this.#context;
    return [...neighbors.values()]
      .map(({ peer, uploadBps }) => ({
        peer,
        key: Math.log(random()) / Math.max(LEAST_BPS, uploadBps),
      }))
      .sort((a, b) => b.key - a.key)
      .slice(0, options.treelessCopies)
      .map(({ peer }) => peer);
  }
}
