import { WIRE_LIMITS } from "#protocol";
import { type BlockStore, holdingsOf, type StoredChunk } from "./block-store.ts";
import type { MeshContext } from "./context.ts";
import type { Neighbor } from "./neighbor.ts";
import type { Parents } from "./parents.ts";

/** Holdings in one message: keeps a `have` within one message whatever the chunks look like. */
const CHUNKS_PER_MESSAGE = Math.min(WIRE_LIMITS.haveChunks, 96);

/** Tells neighbors what we hold: everything once, then in batches what changed. */
export class News {
  readonly #context: MeshContext;
  readonly #parents: Parents;
  readonly #changed = new Map<Neighbor, Set<StoredChunk>>();
  #dueAtMs = Number.POSITIVE_INFINITY;

  constructor(context: MeshContext, parents: Parents) {
    this.#context = context;
    this.#parents = parents;
  }

  /** The buffer map, for a new neighbor. */
  sendAll(to: Neighbor, store: BlockStore): void {
    this.#send(to, [...store.chunks()]);
  }

  /** A block was stored. @param from The neighbor it came from, who need not be told. */
  changed(chunk: StoredChunk, from: string): void {
    const { neighbors, nowMs, options } = this.#context;
    for (const neighbor of neighbors.values()) {
      // The seeder holds everything and never asks.
      if (neighbor.role === "seeder" || neighbor.peer === from) continue;
      const chunks = this.#changed.get(neighbor) ?? new Set<StoredChunk>();
      this.#changed.set(neighbor, chunks.add(chunk));
    }
    this.#dueAtMs = Math.min(this.#dueAtMs, nowMs + options.haveIntervalMs);
  }

  neighborGone(neighbor: Neighbor): void {
    this.#changed.delete(neighbor);
  }

  /** @returns When to look again. */
  housekeep(): number {
    if (this.#dueAtMs > this.#context.nowMs) return this.#dueAtMs;
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    for (const [neighbor, chunks] of this.#changed) this.#send(neighbor, [...chunks]);
    this.#changed.clear();
    return this.#dueAtMs;
  }

  #send(to: Neighbor, chunks: StoredChunk[]): void {
    const { stripes, role } = this.#context;
    const lagsMs = stripes.advertisedLags(
      (stripe) => role === "seeder" || this.#parents.isFed(stripe),
    );
    for (let at = 0; at === 0 || at < chunks.length; at += CHUNKS_PER_MESSAGE) {
      const holdings = chunks.slice(at, at + CHUNKS_PER_MESSAGE).map(holdingsOf);
      this.#context.send(to.peer, { type: "have", lagsMs, chunks: holdings });
    }
  }
}
