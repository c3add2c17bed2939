import type { DenialReason, PeerMessage } from "#protocol";
import type { MeshContext } from "./context.ts";
import type { Neighbor } from "./neighbor.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { UploadQueue } from "./upload-queue.ts";

/** Answers to requests may take this much of the stream's rate beyond what is promised. */
const SERVE_SHARE = 0.25;
/** What may be asked at once, in bytes: a newcomer's first chunks. */
const SERVE_BURST_BYTES = 384 * 1024;

/** Answers requests, with what the uplink has left over. */
export class Serving {
  readonly #context: MeshContext;
  readonly #uploads: UploadQueue;
  readonly #promisedBps: () => number;
  readonly #budget: TokenBucket;

  /** @param promisedBps What of the uplink others count on. */
  constructor(context: MeshContext, uploads: UploadQueue, promisedBps: () => number) {
    this.#context = context;
    this.#uploads = uploads;
    this.#promisedBps = promisedBps;
    this.#budget = new TokenBucket(this.#rateBps(), SERVE_BURST_BYTES);
  }

  requested(by: Neighbor, request: PeerMessage & { type: "request" }): void {
    const { track, sequence } = request;
    for (const index of request.indexes) {
      const reason = this.#denialOf(by, track, sequence, index);
      if (reason === undefined) continue;
      this.#context.send(by.peer, { type: "deny", track, sequence, index, reason });
    }
  }

  #denialOf(
    by: Neighbor,
    track: number,
    sequence: number,
    index: number,
  ): DenialReason | undefined {
    const { nowMs, store } = this.#context;
    const block = store.block(track, sequence, index);
    if (block === undefined) return "not-held";
    this.#budget.setRate(this.#rateBps(), nowMs);
    if (!this.#budget.take(block.bytes.length, nowMs)) return "busy";
    const upload = { to: by.peer, block, isRequested: true, queuedAtMs: nowMs };
    return this.#uploads.add(upload) ? undefined : "busy";
  }

  #rateBps(): number {
    const { role, options, stripes, uplink } = this.#context;
    const { budgetBps } = uplink;
    const ownBps = SERVE_SHARE * stripes.streamRateBps();
    // The source answers few: unbounded rescue is a collapse onto it (limits, trap 1).
    if (role === "seeder") return Math.min(budgetBps, ownBps);
    const spareBps = budgetBps * options.pushShare - this.#promisedBps();
    return Math.min(budgetBps, Math.max(ownBps, spareBps));
  }
}
