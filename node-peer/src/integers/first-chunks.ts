import type { MeshChunk } from "#mesh";

/** Chunks held before the beginning: more than any playhead lags behind, at the shortest chunks. */
const HELD_MAX = 512;

/**
 * Where a peer begins, as a player would choose it: while its playhead has not reached the first
 * chunk, what has come may have holes, as a newcomer gets chunks from several sides at once. It
 * begins behind the last of them. From then on every hole counts. A run that ends earlier begins
 * at its end, so that what came is checked however short it was.
 */
export class FirstChunks {
  readonly #held = new Map<number, MeshChunk>();
  #hasBegun = false;
  /** Chunks that came before the beginning and are not part of it. */
  leftOutCount = 0;

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** @returns Nothing; what is held comes from {@link tick}. */
  push(chunk: MeshChunk): void {
    if (this.#held.size < HELD_MAX) this.#held.set(chunk.sequence, chunk);
  }

  /** @returns The chunks it begins with, in order, once the playhead has reached what came first. */
  tick(playheadSourceMs: number): readonly MeshChunk[] {
    const [first] = this.#inOrder();
    return first === undefined || playheadSourceMs < first.sourceTimeMs ? [] : this.begin();
  }

  /** @returns The same, wherever the playhead is. */
  begin(): readonly MeshChunk[] {
    const chunks = this.#inOrder();
    this.#hasBegun = true;
    this.#held.clear();
    const lastHole = chunks.findLastIndex(
      ({ sequence }, index) => index > 0 && sequence !== (chunks[index - 1]?.sequence ?? 0) + 1,
    );
    const start = Math.max(0, lastHole);
    this.leftOutCount += start;
    return chunks.slice(start);
  }

  #inOrder(): MeshChunk[] {
    return [...this.#held.values()].sort((a, b) => a.sequence - b.sequence);
  }
}
