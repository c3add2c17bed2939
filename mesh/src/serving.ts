import type { Block, DenialReason, PeerId, PeerMessage } from "#protocol";
import type { MeshContext } from "./context.ts";
import type { Neighbor } from "./neighbor.ts";
import type { Scheduler } from "./scheduler.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { UploadQueue } from "./upload-queue.ts";

/** Answers to requests may take this much of the stream's rate beyond what is promised. */
const SERVE_SHARE = 0.25;
/** What may be asked at once, in bytes: a newcomer's first chunks. */
const SERVE_BURST_BYTES = 384 * 1024;

/** Where all goes by request, so much may wait to go out, in ms of the uplink (HRC, limits B1: an
 * answer within 300 ms), and the seeder gives this many times its copies: who asks is not who was meant. */
const PULLED_WAIT_MS = 200;
const PULLED_SLACK = 1.25;
const LEAST_BURST_BYTES = 32 * 1024;

/** Answers requests, with what the uplink has left over. */
export class Serving {
  readonly #context: MeshContext;
  readonly #uploads: UploadQueue;
  readonly #scheduler: Scheduler;
  readonly #budget: TokenBucket;

  constructor(context: MeshContext, uploads: UploadQueue, scheduler: Scheduler) {
    this.#context = context;
    this.#uploads = uploads;
    this.#scheduler = scheduler;
    this.#budget = new TokenBucket(this.#rateBps(), SERVE_BURST_BYTES);
  }

  requested(by: Neighbor, request: PeerMessage & { type: "request" }): void {
    const { track, sequence } = request;
    for (const index of request.indexes) {
      const block = this.#context.store.block(track, sequence, index);
      const reason = block === undefined ? "not-held" : this.#denialOf(by.peer, block);
      if (reason === undefined) continue;
      this.#context.send(by.peer, { type: "deny", track, sequence, index, reason });
    }
  }

  /** Blocks older than the window: by the same budget, all of them or up to the first there is no room for. */
  serveKept(to: PeerId, blocks: readonly Block[]): void {
    for (const block of blocks) {
      const reason = this.#denialOf(to, block);
      if (reason === undefined) continue;
      const { track, sequence, index } = block;
      return this.#context.send(to, { type: "deny", track, sequence, index, reason });
    }
  }

  #denialOf(to: PeerId, block: Block): DenialReason | undefined {
    const { nowMs } = this.#context;
    this.#budget.setRate(this.#rateBps(), nowMs, this.#burstBytes());
    // Behind so many pushes it would wait for long: better asked of somebody else.
    const isPulled = this.#scheduler.rank !== undefined;
    if (isPulled && this.#uploads.pushedBytes > this.#burstBytes()) return "busy";
    if (!this.#budget.take(block.bytes.length, nowMs)) return "busy";
    const upload = { to, block, isRequested: true, queuedAtMs: nowMs };
    return this.#uploads.add(upload) ? undefined : "busy";
  }

  #burstBytes(): number {
    if (this.#scheduler.rank === undefined) return SERVE_BURST_BYTES;
    return Math.max(LEAST_BURST_BYTES, (this.#rateBps() * PULLED_WAIT_MS) / 8000);
  }

  #rateBps(): number {
    const { role, options, stripes, uplink } = this.#context;
    const { budgetBps } = uplink;
    if (this.#scheduler.rank !== undefined) {
      const givenBps = PULLED_SLACK * options.treelessCopies * stripes.streamRateBps();
      return role === "seeder" ? Math.min(budgetBps, givenBps) : budgetBps;
    }
    const ownBps = SERVE_SHARE * stripes.streamRateBps();
    // The source answers few: unbounded rescue is a collapse onto it (limits, trap 1).
    if (role === "seeder") return Math.min(budgetBps, ownBps);
    const spareBps = budgetBps * options.pushShare - this.#scheduler.promisedBps;
    return Math.min(budgetBps, Math.max(ownBps, spareBps));
  }
}
