import type { Block } from "#protocol";
import { chunkKey } from "./block-key.ts";

/**
 * Blocks that are here, but whose signatures are still being checked. Nobody else is to be asked for
 * them meanwhile: where the machine is busy checks take long, and asking twice would make them longer.
 */
export class Checks {
  /** Indexes by chunk. */
  readonly #underWay = new Map<number, Set<number>>();

  begin({ track, sequence, index }: Block): void {
    const key = chunkKey(track, sequence);
    const indexes = this.#underWay.get(key) ?? new Set();
    this.#underWay.set(key, indexes.add(index));
  }

  end({ track, sequence, index }: Block): void {
    const key = chunkKey(track, sequence);
    const indexes = this.#underWay.get(key);
    indexes?.delete(index);
    if (indexes?.size === 0) this.#underWay.delete(key);
  }

  has(track: number, sequence: number, index: number): boolean {
    return this.#underWay.get(chunkKey(track, sequence))?.has(index) === true;
  }

  hasAnyOf(track: number, sequence: number): boolean {
    return this.#underWay.has(chunkKey(track, sequence));
  }
}
