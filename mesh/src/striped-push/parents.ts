import { type PeerId, type RefusalReason, WIRE_LIMITS } from "#protocol";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import type { SchedulerContext } from "../scheduler.ts";
import { type Stripe, wireStripe } from "../stripe-table.ts";
import { isInterior } from "./interior.ts";
import { ParentChoice } from "./parent-choice.ts";

/** How one stripe reaches us. */
type Feed =
  | { phase: "orphan"; sinceMs: number; retryAtMs: number }
  | {
      phase: "asking";
      of: PeerId;
      askedAtMs: number;
      sinceMs: number;
      /** The old parent that feeds us until the new one accepts. */
      still?: PeerId;
      /** The old parent gave notice then: any other will do. */
      noticedAtMs: number | undefined;
    }
  | {
      phase: "fed";
      by: PeerId;
      sinceMs: number;
      /** Blocks that usually come after this are expected without asking. */
      expectSinceMs: number;
      lateInARow: number;
      reviewAtMs: number;
      /** The parent gave notice then, and feeds us for a while: any other will do. */
      noticedAtMs: number | undefined;
    };

const NEVER = Number.POSITIVE_INFINITY;

const RETRY_MS = 400;
/** Whoever gets a stripe through us may get it another way after this, in ms. */
const LOOP_RETRY_MS = 1000;
/** The same for whoever has no slot, and for whoever was late or silent. */
const REFUSED_RETRY_MS = 3000;
const LATE_RETRY_MS = 5000;
/** Whom the source would not give the place of our parent need not ask again for this long, in ms. */
const SOURCE_RETRY_MS = 12_000;
/** Look for a better parent this often, in ms: rarely enough that trees settle, and more often where we are to
 * be inside the tree, for what we gain all below us gain. */
const REVIEW_MS = 6000;
const REVIEW_INSIDE_MS = 2000;
/** The same for a stripe that comes late, and from how late on, in ms after it was made: while a swarm forms most of
 * those deep in a tree know somebody much nearer to the source who has places left. */
const REVIEW_LATE_MS = 1200;
const LATE_MS = 600;
/** Blocks of a stripe that came another way in a row, and nothing from its parent, before it is left
 * (limits E3 has 2: a block missing above makes all below look for it, and blame nobody). */
const LATE_BLOCKS_MAX = 2;
/** Whoever has no parent, or none for long, turns urgent after this, in ms: then others make room, and
 * the seeder may spend an extra copy. */
const URGENT_AFTER_MS = 1000;
/** The same for whoever just lost its parent: it plays already, and has no second to lose. */
const URGENT_WHEN_LOST_MS = 200;
/** A parent that says nothing for this long, in ms, is as good as dead: it pushes several times a second. */
const SILENT_MS = 1000;

/** Chooses for each stripe the neighbor that pushes it to us, and leaves those that are late. */
export class Parents implements Part {
  readonly #context: SchedulerContext;
  /** By stripe; undefined where a stripe was never wanted. */
  readonly #feeds: (Feed | undefined)[] = [];
  /** Peers between the seeder and us, per stripe; kept while orphaned, for children still hang on. */
  readonly #routes: PeerId[][] = [];
  readonly #onRoute: (stripe: Stripe, route: PeerId[]) => void;
  readonly #choice: ParentChoice;
  dueAtMs = 0;

  /** @param onRoute Told when the way of a stripe to us changed: children must know. */
  constructor(
    context: SchedulerContext,
    isChild: (stripe: Stripe, peer: PeerId) => boolean,
    onRoute: (stripe: Stripe, route: PeerId[]) => void,
  ) {
    this.#context = context;
    this.#onRoute = onRoute;
    this.#choice = new ParentChoice(context, {
      isChild,
      isFed: (stripe) => this.isFed(stripe),
      parentOf: (stripe) => this.parentOf(stripe),
      routeOf: (stripe) => this.routeOf(stripe),
      load: () => this.#load(),
    });
  }

  /** The way of the stripe to us; the seeder's is empty. */
  routeOf(stripe: Stripe): PeerId[] {
    return this.#routes[stripe.id] ?? [];
  }

  /** Whether we may push the stripe to this peer: it must not be among those it comes from. */
  canFeed(stripe: Stripe, peer: PeerId): boolean {
    if (this.#context.role === "seeder") return true;
    const route = this.routeOf(stripe);
    const isTooLong = route.length >= WIRE_LIMITS.routeHops - 1;
    return this.isFed(stripe) && !isTooLong && !route.includes(peer);
  }

  /** A parent told the way of a stripe to it. */
  routed(stripe: Stripe, by: PeerId, route: readonly PeerId[]): void {
    const feed = this.#feeds[stripe.id];
    if (feed?.phase !== "fed" || feed.by !== by) return;
    if (route.includes(this.#context.self)) {
      this.#turnAway(stripe, by, 2 * LOOP_RETRY_MS, "refused");
      this.#leave(stripe, by);
      this.#orphan(stripe);
      return;
    }
    const ours = [...route, by];
    if (ours.join() === this.routeOf(stripe).join()) return;
    this.#routes[stripe.id] = ours;
    this.#onRoute(stripe, ours);
  }

  /** Whether a push on this stripe from this neighbor is one we asked for. */
  isFeeding(stripe: Stripe, peer: PeerId): boolean {
    const feed = this.#feeds[stripe.id];
    if (feed === undefined || feed.phase === "orphan") return false;
    return feed.phase === "fed" ? feed.by === peer : feed.of === peer || feed.still === peer;
  }

  /** Who pushes the stripe to us now. */
  parentOf(stripe: Stripe): PeerId | undefined {
    const feed = this.#feeds[stripe.id];
    return feed?.phase === "fed" ? feed.by : feed?.phase === "asking" ? feed.still : undefined;
  }

  /** Whether blocks of the stripe can be expected by themselves. */
  isFed(stripe: Stripe): boolean {
    const feed = this.#feeds[stripe.id];
    return feed?.phase === "fed" || (feed?.phase === "asking" && feed.still !== undefined);
  }

  /** Since when it is fed without a break, by whomever. */
  fedSinceMs(stripe: Stripe): number {
    const feed = this.#feeds[stripe.id];
    if (feed === undefined) return this.#context.nowMs;
    return feed.phase === "fed" ? feed.expectSinceMs : feed.sinceMs;
  }

  stripesFrom(peer: PeerId): number {
    return this.#context.stripes.stripes.filter((stripe) => this.isFeeding(stripe, peer)).length;
  }

  housekeep(): void {
    const { nowMs, options } = this.#context;
    for (const stripe of this.#context.stripes.taken) {
      const feed = this.#feeds[stripe.id] ?? { phase: "orphan", sinceMs: nowMs, retryAtMs: nowMs };
      this.#feeds[stripe.id] ??= feed;
      if (feed.phase === "orphan" && feed.retryAtMs <= nowMs) {
        this.#askBest(stripe, feed.sinceMs);
      } else if (feed.phase === "asking" && nowMs - feed.askedAtMs >= options.subscribeTimeoutMs) {
        this.#leave(stripe, feed.of);
        this.#turnAway(stripe, feed.of, REFUSED_RETRY_MS, "refused");
        this.#fallBack(stripe, feed);
      } else if (feed.phase === "fed" && this.#isSilent(feed.by)) {
        // Pushes come several times a second: it will not be declared dead for another second.
        this.#turnAway(stripe, feed.by, LATE_RETRY_MS, "silent");
        this.#leave(stripe, feed.by);
        this.#orphan(stripe, nowMs - URGENT_AFTER_MS + URGENT_WHEN_LOST_MS);
        this.#askBest(stripe, nowMs - URGENT_AFTER_MS + URGENT_WHEN_LOST_MS);
      } else if (feed.phase === "fed" && feed.reviewAtMs <= nowMs) {
        const pauseMs = feed.noticedAtMs === undefined ? this.#reviewMs(stripe) : RETRY_MS;
        feed.reviewAtMs = nowMs + this.#jittered(pauseMs);
        this.#review(stripe, feed);
      }
    }
    this.#schedule();
    if (this.#load().size > 0) this.dueAtMs = Math.min(this.dueAtMs, nowMs + SILENT_MS / 4);
  }

  /** A parent of whom nothing at all was heard for long, though we were awake to hear it. */
  #isSilent(peer: PeerId): boolean {
    const { nowMs, neighbors, forgiveUntilMs } = this.#context;
    const heardMs = neighbors.get(peer)?.lastHeardMs ?? nowMs;
    if (nowMs < forgiveUntilMs || nowMs - heardMs < SILENT_MS) return false;
    // Where nobody says anything it is the stream that stands still, or our own line.
    for (const neighbor of neighbors.values()) {
      if (nowMs - neighbor.lastHeardMs < SILENT_MS / 2) return true;
    }
    return false;
  }

  /** A neighbor has something new to offer, or there are new tracks: orphans look at once. */
  lookAgain(): void {
    for (const stripe of this.#context.stripes.taken) {
      const feed = this.#feeds[stripe.id];
      if (feed === undefined) this.dueAtMs = this.#context.nowMs;
      if (feed?.phase !== "orphan") continue;
      feed.retryAtMs = Math.min(feed.retryAtMs, this.#context.nowMs);
      this.dueAtMs = Math.min(this.dueAtMs, feed.retryAtMs);
    }
  }

  #schedule(): void {
    this.dueAtMs = Number.POSITIVE_INFINITY;
    for (const feed of this.#feeds) {
      if (feed !== undefined) this.dueAtMs = Math.min(this.dueAtMs, this.#dueOf(feed));
    }
  }

  #dueOf(feed: Feed): number {
    switch (feed.phase) {
      case "orphan":
        return feed.retryAtMs;
      case "asking":
        return feed.askedAtMs + this.#context.options.subscribeTimeoutMs;
      case "fed":
        return feed.reviewAtMs;
    }
  }

  #set(stripe: Stripe, feed: Feed): void {
    this.#feeds[stripe.id] = feed;
    this.dueAtMs = Math.min(this.dueAtMs, this.#dueOf(feed));
  }

  accepted(stripe: Stripe, by: PeerId, route: readonly PeerId[]): void {
    const { nowMs } = this.#context;
    const feed = this.#feeds[stripe.id];
    if (feed?.phase !== "asking" || feed.of !== by) {
      // It gave notice, and takes that back.
      const isParent = this.parentOf(stripe) === by;
      if (isParent && feed !== undefined && feed.phase !== "orphan") feed.noticedAtMs = undefined;
      // The answer to a question we gave up, or whose `unsubscribe` overtook it.
      const wasLeft = this.#context.neighbors.get(by)?.wasLeft(stripe) === true;
      if (wasLeft && !this.isFeeding(stripe, by)) {
        this.#context.send(by, { type: "unsubscribe", ...wireStripe(stripe) });
      }
      return;
    }
    if (feed.still !== undefined) this.#leave(stripe, feed.still);
    const parent = this.#context.neighbors.get(by);
    if (parent !== undefined) {
      this.#context.stripes.expectLag(stripe, this.#choice.lagBehind(stripe, parent));
    }
    this.#choice.found(stripe);
    if (feed.still === undefined) this.#context.tellNews();
    this.#set(stripe, {
      phase: "fed",
      by,
      sinceMs: nowMs,
      // What the old parent had sent still comes; what the new one has passed on does not.
      expectSinceMs: feed.still === undefined ? nowMs : feed.sinceMs,
      lateInARow: 0,
      reviewAtMs: nowMs + this.#jittered(this.#reviewMs(stripe)),
      noticedAtMs: undefined,
    });
    this.routed(stripe, by, route);
  }

  /** The neighbor will not, or no longer, push the stripe. */
  refused(stripe: Stripe, by: PeerId, reason: RefusalReason, alternatives: PeerId[]): void {
    const feed = this.#feeds[stripe.id];
    if (feed === undefined || !this.isFeeding(stripe, by)) return;
    this.#choice.suggest(stripe, alternatives);
    this.#context.suggested(alternatives, by);
    const isSeeder = this.#context.neighbors.get(by)?.role === "seeder";
    this.#turnAway(
      stripe,
      by,
      reason === "loop"
        ? LOOP_RETRY_MS
        : isSeeder && this.isFed(stripe)
          ? SOURCE_RETRY_MS
          : REFUSED_RETRY_MS,
      "refused",
    );
    if (feed.phase === "asking" && feed.of === by) {
      this.#context.neighbors.get(by)?.noteLeft(stripe, this.#context.nowMs);
      this.#fallBack(stripe, feed);
    } else if (feed.phase === "asking") {
      // The old parent lets go while the new one is being asked: wait for the new one's answer.
      feed.noticedAtMs = this.#context.nowMs;
    } else if (feed.phase === "fed") {
      if (feed.noticedAtMs !== undefined) {
        this.#context.neighbors.get(by)?.noteLeft(stripe, this.#context.nowMs);
        this.#orphan(stripe);
        return;
      }
      // A parent that gives notice feeds on for a while: use it to find the next one.
      feed.noticedAtMs = this.#context.nowMs;
      feed.reviewAtMs = this.#context.nowMs + RETRY_MS;
      this.dueAtMs = Math.min(this.dueAtMs, feed.reviewAtMs);
      this.#review(stripe, feed);
    }
  }

  /** The stripe is no longer wanted. */
  letGo(stripe: Stripe): void {
    const feed = this.#feeds[stripe.id];
    const parents =
      feed?.phase === "fed" ? [feed.by] : feed?.phase === "asking" ? [feed.of, feed.still] : [];
    for (const parent of parents) if (parent !== undefined) this.#leave(stripe, parent);
    this.#choice.found(stripe);
    this.#set(stripe, { phase: "orphan", sinceMs: this.#context.nowMs, retryAtMs: NEVER });
  }

  neighborGone(peer: PeerId): void {
    this.#choice.forget(peer);
    for (const stripe of this.#context.stripes.stripes) {
      const feed = this.#feeds[stripe.id];
      if (feed?.phase === "fed" && feed.by === peer) {
        this.#orphan(stripe, this.#context.nowMs - URGENT_AFTER_MS + URGENT_WHEN_LOST_MS);
      }
      if (feed?.phase === "asking" && feed.of === peer) this.#fallBack(stripe, feed);
      else if (feed?.phase === "asking" && feed.still === peer) {
        delete feed.still;
      }
    }
  }

  /** A block came in time by push. */
  noteInTime(stripe: Stripe): void {
    const feed = this.#feeds[stripe.id];
    if (feed?.phase === "fed") feed.lateInARow = 0;
  }

  /** A block came from elsewhere, for which we had asked because it was overdue. */
  noteLate(stripe: Stripe, from: PeerId | "origin"): void {
    const { nowMs, options } = this.#context;
    const feed = this.#feeds[stripe.id];
    if (feed?.phase !== "fed" || feed.by === from || ++feed.lateInARow < LATE_BLOCKS_MAX) return;
    if (nowMs - feed.sinceMs < options.parentSilenceMs) return;
    // The late one is kept until another accepts: late is better than nothing.
    feed.lateInARow = 0;
    this.#turnAway(stripe, feed.by, LATE_RETRY_MS, "refused");
    const best = this.#choice.best(stripe);
    if (best !== undefined) this.#ask(stripe, best, feed.sinceMs, feed);
  }

  #askBest(stripe: Stripe, orphanSinceMs: number): void {
    const { nowMs } = this.#context;
    const parent = this.#choice.best(stripe);
    if (parent === undefined) {
      const retryAtMs = nowMs + this.#jittered(RETRY_MS);
      this.#set(stripe, { phase: "orphan", sinceMs: orphanSinceMs, retryAtMs });
      return;
    }
    this.#ask(stripe, parent, orphanSinceMs);
  }

  #ask(stripe: Stripe, parent: Neighbor, sinceMs: number, fed?: Feed & { phase: "fed" }): void {
    const { nowMs } = this.#context;
    const wantsSinceMs = fed === undefined ? sinceMs : (fed.noticedAtMs ?? NEVER);
    const isUrgent = nowMs - wantsSinceMs >= URGENT_AFTER_MS;
    const fromSequence = this.#context.firstLacking(stripe);
    const request = { ...wireStripe(stripe), isUrgent, fromSequence };
    const insteadOf = this.#choice.childAbove(stripe, parent);
    const swap = insteadOf === undefined ? {} : { insteadOf };
    this.#context.send(parent.peer, { type: "subscribe", ...request, ...swap });
    const asking = { phase: "asking", of: parent.peer, askedAtMs: nowMs, sinceMs } as const;
    if (fed === undefined) this.#set(stripe, { ...asking, noticedAtMs: undefined });
    else {
      const { by: still, noticedAtMs, expectSinceMs } = fed;
      this.#set(stripe, { ...asking, sinceMs: expectSinceMs, still, noticedAtMs });
    }
  }

  #review(stripe: Stripe, feed: Feed & { phase: "fed" }): void {
    const current = this.#context.neighbors.get(feed.by);
    if (current === undefined) return;
    const above = feed.noticedAtMs === undefined ? this.#choice.above(stripe, current) : undefined;
    if (typeof above === "string") this.#context.suggested([above], feed.by);
    else if (above !== undefined) return this.#ask(stripe, above, feed.sinceMs, feed);
    const best = this.#choice.best(stripe);
    if (best === undefined || best === current) return;
    const isWorthwhile =
      feed.noticedAtMs !== undefined || this.#choice.isWorthwhile(stripe, current, best);
    if (isWorthwhile) this.#ask(stripe, best, feed.sinceMs, feed);
  }

  #reviewMs(stripe: Stripe): number {
    const { self, uplink, stripes } = this.#context;
    if ((stripes.lagMs(stripe) ?? 0) > LATE_MS) return REVIEW_LATE_MS;
    return isInterior(self, uplink.classBps, stripe, this.#context) ? REVIEW_INSIDE_MS : REVIEW_MS;
  }

  /** How many stripes each neighbor feeds us. */
  #load(): Map<PeerId, number> {
    const load = new Map<PeerId, number>();
    for (const feed of this.#feeds) {
      const by = feed?.phase === "fed" ? feed.by : feed?.phase === "asking" ? feed.of : undefined;
      if (by !== undefined) load.set(by, (load.get(by) ?? 0) + 1);
    }
    return load;
  }

  #fallBack(stripe: Stripe, feed: Feed & { phase: "asking" }): void {
    if (feed.still === undefined) {
      this.#orphan(stripe, feed.sinceMs);
      return;
    }
    this.#set(stripe, {
      phase: "fed",
      by: feed.still,
      sinceMs: feed.sinceMs,
      expectSinceMs: feed.sinceMs,
      lateInARow: 0,
      reviewAtMs: this.#context.nowMs + this.#jittered(REVIEW_MS / 4),
      noticedAtMs: feed.noticedAtMs,
    });
  }

  #orphan(stripe: Stripe, sinceMs = this.#context.nowMs): void {
    this.#set(stripe, { phase: "orphan", sinceMs, retryAtMs: this.#context.nowMs });
  }

  #leave(stripe: Stripe, parent: PeerId): void {
    this.#context.neighbors.get(parent)?.noteLeft(stripe, this.#context.nowMs);
    this.#context.send(parent, { type: "unsubscribe", ...wireStripe(stripe) });
  }

  #turnAway(stripe: Stripe, peer: PeerId, forMs: number, why: "refused" | "silent"): void {
    this.#choice.turnAway(stripe, peer, this.#jittered(forMs), why);
  }

  #jittered(ms: number): number {
    return ms * (0.8 + 0.4 * this.#context.random());
  }
}
