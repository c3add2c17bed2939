import { type Block, type ChunkHoldings, type PeerMessage, WIRE_LIMITS } from "#protocol";
import { type BlockStore, holdingsOf, type StoredChunk } from "./block-store.ts";
import type { MeshContext } from "./context.ts";
import type { Neighbor } from "./neighbor.ts";
import type { Part } from "./part.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Stripe } from "./stripe-table.ts";

/** Holdings in one message: keeps a `have` within one message whatever the chunks look like. */
const CHUNKS_PER_MESSAGE = Math.min(WIRE_LIMITS.haveChunks, 96);

/** Several stripes begin at about the same time: told together, in ms. */
const SOON_MS = 120;

/** Tells neighbors what we hold: everything once, then in batches what changed. */
export class News implements Part {
  readonly #context: MeshContext;
  readonly #scheduler: Scheduler;
  readonly #pushDelayMs: () => number;
  readonly #changed = new Set<StoredChunk>();
  dueAtMs = Number.POSITIVE_INFINITY;

  /** @param pushDelayMs What we add to the lag of a stripe. */
  constructor(context: MeshContext, scheduler: Scheduler, pushDelayMs: () => number) {
    this.#context = context;
    this.#scheduler = scheduler;
    this.#pushDelayMs = pushDelayMs;
  }

  /** The buffer map, for a new neighbor. */
  sendAll(to: Neighbor, store: BlockStore): void {
    const messages = this.#messages([...store.chunks()], to);
    for (const message of messages) this.#context.send(to.peer, message);
  }

  /** A block was stored. */
  changed(chunk: StoredChunk): void {
    const { nowMs, options } = this.#context;
    const intervalMs = this.#scheduler.haveIntervalMs ?? options.haveIntervalMs;
    this.#changed.add(chunk);
    this.dueAtMs = Math.min(this.dueAtMs, nowMs + intervalMs);
  }

  /** A stripe has begun to reach us: those who wait for one should not wait for the next round. */
  soon(): void {
    this.dueAtMs = Math.min(this.dueAtMs, this.#context.nowMs + SOON_MS);
  }

  housekeep(): void {
    this.dueAtMs = Number.POSITIVE_INFINITY;
    const chunks = [...this.#changed];
    this.#changed.clear();
    const isSameForAll = this.#scheduler.shows === undefined;
    const forAll = isSameForAll ? this.#messages(chunks) : [];
    for (const neighbor of this.#context.neighbors.values()) {
      // The seeder holds everything and never asks.
      if (neighbor.role === "seeder") continue;
      const messages = isSameForAll ? forAll : this.#messages(chunks, neighbor);
      for (const message of messages) this.#context.send(neighbor.peer, message);
    }
  }

  /** @param to For this neighbor; without it, for everybody. */
  #messages(chunks: readonly StoredChunk[], to?: Neighbor): PeerMessage[] {
    const { stripes } = this.#context;
    const isCarried = (stripe: Stripe) => this.#scheduler.isCarried(stripe);
    const lagsMs = stripes.advertisedLags(isCarried, this.#pushDelayMs());
    const holdings = this.#holdings(chunks, to);
    const messages: PeerMessage[] = [];
    for (let at = 0; at === 0 || at < holdings.length; at += CHUNKS_PER_MESSAGE) {
      messages.push({ type: "have", lagsMs, chunks: holdings.slice(at, at + CHUNKS_PER_MESSAGE) });
    }
    return messages;
  }

  #holdings(chunks: readonly StoredChunk[], to: Neighbor | undefined): ChunkHoldings[] {
    const { shows } = this.#scheduler;
    if (to === undefined || shows === undefined) return chunks.map((chunk) => holdingsOf(chunk));
    const isShown = (block: Block) => shows(to, block);
    return chunks
      .map((chunk) => holdingsOf(chunk, isShown))
      .filter(({ has }) => has.includes(true));
  }
}
