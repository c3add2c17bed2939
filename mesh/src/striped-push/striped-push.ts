import type { Block, PeerId } from "#protocol";
import type { BlockSender } from "../events.ts";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import type {
  Expectation,
  Judgement,
  Scheduler,
  SchedulerContext,
  SchedulerMessage,
} from "../scheduler.ts";
import type { StripeStats } from "../stats.ts";
import { type Stripe, wireStripe } from "../stripe-table.ts";
import { Children } from "./children.ts";
import { Parents } from "./parents.ts";

/** Chunks that a new child is given at most when it subscribes. */
const CATCH_UP_CHUNKS = 10;

/**
 * Every stripe is a tree: each viewer has one parent for it, which pushes each block as soon as it is
 * verified. docs/design/engine.md has the picture and the reasons.
 */
export class StripedPush implements Scheduler {
  readonly parts: readonly Part[];
  readonly #context: SchedulerContext;
  readonly #children: Children;
  readonly #parents: Parents;

  constructor(context: SchedulerContext) {
    this.#context = context;
    this.#children = new Children(context);
    this.#parents = new Parents(
      context,
      (stripe, peer) => this.#children.isChild(stripe, peer),
      (stripe, route) => this.#children.tellRoute(stripe, route),
    );
    this.parts = context.role === "seeder" ? [this.#children] : [this.#children, this.#parents];
  }

  judge(stripe: Stripe, from: Neighbor): Judgement {
    if (this.#parents.isFeeding(stripe, from.peer)) return "expected";
    return from.judgePush(stripe, this.#context.nowMs);
  }

  stored(stripe: Stripe, block: Block, from: BlockSender): void {
    for (const child of this.#children.of(stripe)) {
      const isKnown = this.#context.neighbors
        .get(child)
        ?.holds(block.track, block.sequence, block.index);
      if (child !== from && !isKnown) this.#context.push(child, block);
    }
  }

  pushed(stripe: Stripe, from: PeerId): void {
    if (this.#parents.isFeeding(stripe, from)) this.#parents.noteInTime(stripe);
  }

  strayed(stripe: Stripe, from: PeerId): void {
    this.#context.send(from, { type: "unsubscribe", ...wireStripe(stripe) });
  }

  expectation(stripe: Stripe, heardAtMs: number, sourceTimeMs: number | undefined): Expectation {
    const { stripes, patience, nowMs, sourceOffsetMs } = this.#context;
    const missing = { dueAtMs: nowMs, isPushed: false };
    if (!this.#parents.isFed(stripe)) return missing;
    const lagMs = stripes.latestUsualLagMs(stripe);
    if (lagMs === undefined || sourceTimeMs === undefined) {
      return { dueAtMs: heardAtMs + patience.ms, isPushed: false };
    }
    const usualAtMs = sourceTimeMs - sourceOffsetMs + lagMs;
    // What should have passed before the parent took us on will never be pushed.
    if (usualAtMs < this.#parents.fedSinceMs(stripe)) return missing;
    return { dueAtMs: Math.max(heardAtMs, usualAtMs) + patience.ms, isPushed: true };
  }

  /** Spares the parent a block that would only come twice: where blocks are late, upload is scarce. */
  cameElsewhere(stripe: Stripe, block: Block, from: BlockSender): void {
    const parent = this.#parents.parentOf(stripe);
    if (parent === undefined || parent === from) return;
    const { track, sequence, index } = block;
    this.#context.send(parent, { type: "cancel", track, sequence, index });
  }

  overdue(stripe: Stripe, from: BlockSender): void {
    this.#parents.noteLate(stripe, from);
  }

  received(from: Neighbor, message: SchedulerMessage): void {
    const stripe = this.#context.stripes.get(message.track, message.stripe);
    if (stripe === undefined) return;
    switch (message.type) {
      case "subscribe":
        this.#children.subscribe(stripe, from, {
          isUrgent: message.isUrgent,
          insteadOf: message.insteadOf,
          canFeed: this.#parents.canFeed(stripe, from.peer),
          route: this.#parents.routeOf(stripe),
        });
        this.#catchUp(stripe, from.peer, message.fromSequence);
        return;
      case "unsubscribe":
        return this.#children.unsubscribe(stripe, from.peer);
      case "accept":
        return this.#parents.accepted(stripe, from.peer, message.route);
      case "route":
        return this.#parents.routed(stripe, from.peer, message.route);
      case "refuse":
        return this.#parents.refused(stripe, from.peer, message.reason, message.alternatives);
    }
  }

  lookAgain(): void {
    this.#parents.lookAgain();
  }

  /** Whoever gets from us what we no longer get looks for another parent. */
  tracksChosen(): void {
    const { stripes } = this.#context;
    for (const stripe of stripes.stripes) {
      if (stripes.isTaken(stripe.track)) continue;
      this.#parents.letGo(stripe);
      this.#children.dismiss(stripe);
    }
    this.#parents.lookAgain();
  }

  neighborGone(peer: PeerId): void {
    this.#children.neighborGone(peer);
    this.#parents.neighborGone(peer);
  }

  uplinkMeasured(): void {
    this.#children.shed();
  }

  get promisedBps(): number {
    return this.#children.promisedBps;
  }

  isCarried(stripe: Stripe): boolean {
    return this.#context.role === "seeder" || this.#parents.isFed(stripe);
  }

  stripeStats(stripe: Stripe): StripeStats {
    return {
      parent: this.#parents.parentOf(stripe),
      lagMs: this.#context.stripes.lagMs(stripe),
      children: this.#children.of(stripe).length,
    };
  }

  stripesFrom(peer: PeerId): number {
    return this.#parents.stripesFrom(peer);
  }

  stripesTo(peer: PeerId): number {
    return this.#children.stripesOf(peer);
  }

  /** A new child begins where it lacks the stripe: nothing falls between its old parent and us. */
  #catchUp(stripe: Stripe, child: PeerId, fromSequence: number): void {
    if (!this.#children.isChild(stripe, child)) return;
    const { store, stripes } = this.#context;
    const newest = store.newest(stripe.track)?.sequence ?? -1;
    const first = Math.max(fromSequence, newest - CATCH_UP_CHUNKS);
    for (let sequence = first; sequence <= newest; sequence++) {
      for (const block of store.chunk(stripe.track, sequence)?.blocks ?? []) {
        if (block === undefined || stripes.ofBlock(block) !== stripe) continue;
        this.#context.push(child, block);
      }
    }
  }
}
