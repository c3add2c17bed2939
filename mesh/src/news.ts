import { type PeerMessage, WIRE_LIMITS } from "#protocol";
import { type BlockStore, holdingsOf, type StoredChunk } from "./block-store.ts";
import type { MeshContext } from "./context.ts";
import type { Neighbor } from "./neighbor.ts";
import type { Part } from "./part.ts";
import type { Stripe } from "./stripe-table.ts";

/** Holdings in one message: keeps a `have` within one message whatever the chunks look like. */
const CHUNKS_PER_MESSAGE = Math.min(WIRE_LIMITS.haveChunks, 96);

/** Several stripes begin at about the same time: told together, in ms. */
const SOON_MS = 120;

/** Tells neighbors what we hold: everything once, then in batches what changed. */
export class News implements Part {
  readonly #context: MeshContext;
  readonly #isCarried: (stripe: Stripe) => boolean;
  readonly #pushDelayMs: () => number;
  readonly #changed = new Set<StoredChunk>();
  dueAtMs = Number.POSITIVE_INFINITY;

  /** @param isCarried Whether a stripe comes to us by itself, so that its lag means something.
   * @param pushDelayMs What we add to it. */
  constructor(
    context: MeshContext,
    isCarried: (stripe: Stripe) => boolean,
    pushDelayMs: () => number,
  ) {
    this.#context = context;
    this.#isCarried = isCarried;
    this.#pushDelayMs = pushDelayMs;
  }

  /** The buffer map, for a new neighbor. */
  sendAll(to: Neighbor, store: BlockStore): void {
    for (const message of this.#messages([...store.chunks()])) {
      this.#context.send(to.peer, message);
    }
  }

  /** A block was stored. */
  changed(chunk: StoredChunk): void {
    const { nowMs, options } = this.#context;
    this.#changed.add(chunk);
    this.dueAtMs = Math.min(this.dueAtMs, nowMs + options.haveIntervalMs);
  }

  /** A stripe has begun to reach us: those who wait for one should not wait for the next round. */
  soon(): void {
    this.dueAtMs = Math.min(this.dueAtMs, this.#context.nowMs + SOON_MS);
  }

  housekeep(): void {
    this.dueAtMs = Number.POSITIVE_INFINITY;
    const messages = this.#messages([...this.#changed]);
    this.#changed.clear();
    for (const neighbor of this.#context.neighbors.values()) {
      // The seeder holds everything and never asks.
      if (neighbor.role === "seeder") continue;
      for (const message of messages) this.#context.send(neighbor.peer, message);
    }
  }

  #messages(chunks: readonly StoredChunk[]): PeerMessage[] {
    const lagsMs = this.#context.stripes.advertisedLags(this.#isCarried, this.#pushDelayMs());
    const messages: PeerMessage[] = [];
    for (let at = 0; at === 0 || at < chunks.length; at += CHUNKS_PER_MESSAGE) {
      const holdings = chunks.slice(at, at + CHUNKS_PER_MESSAGE).map(holdingsOf);
      messages.push({ type: "have", lagsMs, chunks: holdings });
    }
    return messages;
  }
}
