import type { Block } from "#protocol";
import type { MeshContext } from "./context.ts";
import type { BlockSender } from "./events.ts";
import type { Neighbor } from "./neighbor.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Timeline } from "./timeline.ts";

/** Signature checks under way for one neighbor: bounds what a flood of blocks can queue. */
const VERIFYING_PER_NEIGHBOR = 128;
/** Blocks older than the window by more than this, in ms, are replays: honest peers dropped them. */
const REPLAY_SLACK_MS = 10_000;
/** Blocks from further in the future than clocks can be wrong, in ms. */
const FUTURE_SLACK_MS = 10_000;

/** What to do with a block that just came in, before its signature is checked. `stale` counts
 * against the neighbor like an `offence`, but slow machines send such blocks, too. */
export type Screening = "verify" | "duplicate" | "ignore" | "stray" | "stale" | "offence";

/** Cheap checks first: asked for? new? of our time? Only then a signature is worth verifying. */
export class Inbound {
  readonly #context: MeshContext;
  readonly #scheduler: Scheduler;
  readonly #timeline: Timeline;
  readonly #verifying = new Map<BlockSender, number>();

  constructor(context: MeshContext, scheduler: Scheduler, timeline: Timeline) {
    this.#context = context;
    this.#scheduler = scheduler;
    this.#timeline = timeline;
  }

  /** A block from a neighbor. */
  screen(block: Block, from: Neighbor): Screening {
    const { stripes, store } = this.#context;
    const stripe = stripes.ofBlock(block);
    if (stripe === undefined) return "offence";
    const wasAsked = from.takeAsked(block.track, block.sequence, block.index);
    if (!wasAsked) {
      const judgement = this.#scheduler.judge(stripe, from);
      if (judgement === "stale") return this.#unlessLate();
      if (judgement !== "expected") return judgement === "under-way" ? "ignore" : judgement;
    }
    if (!this.#isOfOurTime(block)) return this.#unlessLate();
    if (store.block(block.track, block.sequence, block.index) !== undefined) return "duplicate";
    const verifying = this.#verifying.get(from.peer) ?? 0;
    if (verifying >= VERIFYING_PER_NEIGHBOR) return "ignore";
    this.#verifying.set(from.peer, verifying + 1);
    return "verify";
  }

  verified(from: BlockSender): void {
    const verifying = this.#verifying.get(from) ?? 0;
    if (verifying > 1) this.#verifying.set(from, verifying - 1);
    else this.#verifying.delete(from);
  }

  neighborGone(peer: BlockSender): void {
    this.#verifying.delete(peer);
  }

  /** After a sleep or a delay of our own old blocks are what waited for us, not replays. */
  #unlessLate(): Screening {
    const { nowMs, forgiveUntilMs } = this.#context;
    return nowMs < forgiveUntilMs ? "ignore" : "stale";
  }

  #isOfOurTime(block: Block): boolean {
    const ageMs = this.#timeline.sourceNowMs - block.sourceTimeMs;
    const { windowMs } = this.#context.options;
    return ageMs < windowMs + REPLAY_SLACK_MS && ageMs > -FUTURE_SLACK_MS;
  }
}
