import type { MeshChunk } from "#mesh";

/** How much is kept, in ms of the source's clock: the target latency and a key frame before it. */
const KEEP_MS = 6000;
/** The same in chunks, whatever their times say: two tracks of 200 ms chunks. */
const CHUNKS_MAX = 80;

/** The newest chunks, for a new media source to begin with: else it waits for the next key frame. */
export class RecentChunks {
  #chunks: MeshChunk[] = [];

  /** In order of arrival. */
  get all(): readonly MeshChunk[] {
    return this.#chunks;
  }

  add(chunk: MeshChunk): void {
    this.#chunks.push(chunk);
    const keepFromMs = Math.max(...this.#chunks.map((kept) => kept.sourceTimeMs)) - KEEP_MS;
    while (this.#isOver(keepFromMs)) this.#chunks.shift();
  }

  clear(): void {
    this.#chunks = [];
  }

  #isOver(keepFromMs: number): boolean {
    const oldest = this.#chunks[0];
    if (oldest === undefined) return false;
    return oldest.sourceTimeMs < keepFromMs || this.#chunks.length > CHUNKS_MAX;
  }
}
