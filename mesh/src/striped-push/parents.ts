import { type PeerId, type RefusalReason, shortPeerId, WIRE_LIMITS } from "#protocol";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import type { SchedulerContext } from "../scheduler.ts";
import { type Stripe, wireStripe } from "../stripe-table.ts";

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
      /** The old parent gave notice: it feeds us until then. */
      endsAtMs: number;
    }
  | {
      phase: "fed";
      by: PeerId;
      sinceMs: number;
      /** Blocks that usually come after this are expected without asking. */
      expectSinceMs: number;
      lateInARow: number;
      reviewAtMs: number;
      /** The parent gave notice: it feeds us until then, and any other will do. */
      endsAtMs: number;
    };

/** A parent that gave notice says so again when it ends; if that does not come, it is over after this. */
const NOTICE_MS = 12_000;
const NEVER = Number.POSITIVE_INFINITY;

const RETRY_MS = 400;
/** Whoever gets a stripe through us may get it another way after this, in ms. */
const LOOP_RETRY_MS = 1000;
/** Look for a better parent this often, in ms: rarely enough that trees settle. */
const REVIEW_MS = 6000;
/** A better parent must be better by this, in ms, and by this share of the lag: changing costs a few
 * duplicates. */
const WORTHWHILE_GAIN_MS = 80;
const WORTHWHILE_SHARE = 0.25;
/** What a parent adds to what it advertises, in ms, until we have seen what they add. */
const USUAL_EXTRA_MS = 50;
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
  readonly #isChild: (stripe: Stripe, peer: PeerId) => boolean;
  /** By stripe; undefined where a stripe was never wanted. */
  readonly #feeds: (Feed | undefined)[] = [];
  /** Until when a neighbor need not be asked for a stripe again. */
  readonly #refusedUntil = new Map<PeerId, Map<number, number>>();
  readonly #suggested = new Map<number, PeerId[]>();
  /** Peers between the seeder and us, per stripe; kept while orphaned, for children still hang on. */
  readonly #routes: number[][] = [];
  readonly #me: number;
  readonly #onRoute: (stripe: Stripe, route: number[]) => void;
  dueAtMs = 0;

  /** @param onRoute Told when the way of a stripe to us changed: children must know. */
  constructor(
    context: SchedulerContext,
    isChild: (stripe: Stripe, peer: PeerId) => boolean,
    onRoute: (stripe: Stripe, route: number[]) => void,
  ) {
    this.#context = context;
    this.#isChild = isChild;
    this.#onRoute = onRoute;
    this.#me = shortPeerId(context.self);
  }

  /** The way of the stripe to us; the seeder's is empty. */
  routeOf(stripe: Stripe): number[] {
    return this.#routes[stripe.id] ?? [];
  }

  /** Whether we may push the stripe to this peer: it must not be among those it comes from. */
  canFeed(stripe: Stripe, peer: PeerId): boolean {
    if (this.#context.role === "seeder") return true;
    const route = this.routeOf(stripe);
    const isTooLong = route.length >= WIRE_LIMITS.routeHops - 1;
    return this.isFed(stripe) && !isTooLong && !route.includes(shortPeerId(peer));
  }

  /** A parent told the way of a stripe to it. */
  routed(stripe: Stripe, by: PeerId, route: readonly number[]): void {
    const feed = this.#feeds[stripe.id];
    if (feed?.phase !== "fed" || feed.by !== by) return;
    if (route.includes(this.#me)) {
      this.#turnAway(stripe, by, 2000);
      this.#leave(stripe, by);
      this.#orphan(stripe);
      return;
    }
    const ours = [...route, shortPeerId(by)];
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
        this.#turnAway(stripe, feed.of, 3000);
        this.#fallBack(stripe, feed);
      } else if (feed.phase === "fed" && this.#isSilent(feed.by)) {
        // Pushes come several times a second: it will not be declared dead for another second.
        this.#turnAway(stripe, feed.by, 5000);
        this.#leave(stripe, feed.by);
        this.#orphan(stripe, nowMs - URGENT_AFTER_MS + URGENT_WHEN_LOST_MS);
        this.#askBest(stripe, nowMs - URGENT_AFTER_MS + URGENT_WHEN_LOST_MS);
      } else if (feed.phase === "fed" && feed.endsAtMs <= nowMs) {
        this.#orphan(stripe);
        this.#askBest(stripe, nowMs);
      } else if (feed.phase === "fed" && feed.reviewAtMs <= nowMs) {
        feed.reviewAtMs = nowMs + this.#jittered(feed.endsAtMs < NEVER ? RETRY_MS : REVIEW_MS);
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
        return Math.min(feed.reviewAtMs, feed.endsAtMs);
    }
  }

  #set(stripe: Stripe, feed: Feed): void {
    this.#feeds[stripe.id] = feed;
    this.dueAtMs = Math.min(this.dueAtMs, this.#dueOf(feed));
  }

  accepted(stripe: Stripe, by: PeerId, route: readonly number[]): void {
    const { nowMs } = this.#context;
    const feed = this.#feeds[stripe.id];
    if (feed?.phase !== "asking" || feed.of !== by) {
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
      this.#context.stripes.expectLag(stripe, this.#lagBehind(stripe, parent));
    }
    this.#suggested.delete(stripe.id);
    if (feed.still === undefined) this.#context.tellNews();
    this.#set(stripe, {
      phase: "fed",
      by,
      sinceMs: nowMs,
      // What the old parent had sent still comes; what the new one has passed on does not.
      expectSinceMs: feed.still === undefined ? nowMs : feed.sinceMs,
      lateInARow: 0,
      reviewAtMs: nowMs + this.#jittered(REVIEW_MS),
      endsAtMs: NEVER,
    });
    this.routed(stripe, by, route);
  }

  /** The neighbor will not, or no longer, push the stripe. */
  refused(stripe: Stripe, by: PeerId, reason: RefusalReason, alternatives: PeerId[]): void {
    const feed = this.#feeds[stripe.id];
    if (feed === undefined || !this.isFeeding(stripe, by)) return;
    this.#suggested.set(stripe.id, alternatives);
    this.#context.suggested(alternatives, by);
    const isSeeder = this.#context.neighbors.get(by)?.role === "seeder";
    this.#turnAway(
      stripe,
      by,
      reason === "loop" ? LOOP_RETRY_MS : isSeeder && this.isFed(stripe) ? 12_000 : 3000,
    );
    if (feed.phase === "asking" && feed.of === by) {
      this.#context.neighbors.get(by)?.noteLeft(stripe, this.#context.nowMs);
      this.#fallBack(stripe, feed);
    } else if (feed.phase === "asking") {
      // The old parent lets go while the new one is being asked: wait for the new one's answer.
      feed.endsAtMs = this.#context.nowMs + NOTICE_MS;
    } else if (feed.phase === "fed") {
      if (feed.endsAtMs < NEVER) {
        this.#context.neighbors.get(by)?.noteLeft(stripe, this.#context.nowMs);
        this.#orphan(stripe);
        return;
      }
      // A parent that gives notice feeds on for a while: use it to find the next one.
      feed.endsAtMs = this.#context.nowMs + NOTICE_MS;
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
    this.#suggested.delete(stripe.id);
    this.#set(stripe, { phase: "orphan", sinceMs: this.#context.nowMs, retryAtMs: NEVER });
  }

  neighborGone(peer: PeerId): void {
    this.#refusedUntil.delete(peer);
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
    this.#turnAway(stripe, feed.by, 5000);
    const best = this.#best(stripe);
    if (best !== undefined) this.#ask(stripe, best, feed.sinceMs, feed);
  }

  #askBest(stripe: Stripe, orphanSinceMs: number): void {
    const { nowMs } = this.#context;
    const parent = this.#best(stripe);
    if (parent === undefined) {
      const retryAtMs = nowMs + this.#jittered(RETRY_MS);
      this.#set(stripe, { phase: "orphan", sinceMs: orphanSinceMs, retryAtMs });
      return;
    }
    this.#ask(stripe, parent, orphanSinceMs);
  }

  #ask(stripe: Stripe, parent: Neighbor, sinceMs: number, fed?: Feed & { phase: "fed" }): void {
    const { nowMs } = this.#context;
    const isNoticed = fed !== undefined && nowMs > fed.endsAtMs - NOTICE_MS + URGENT_AFTER_MS;
    const isUrgent = isNoticed || (fed === undefined && nowMs - sinceMs >= URGENT_AFTER_MS);
    const fromSequence = this.#context.firstLacking(stripe);
    const request = { ...wireStripe(stripe), isUrgent, fromSequence };
    this.#context.send(parent.peer, { type: "subscribe", ...request });
    const asking = { phase: "asking", of: parent.peer, askedAtMs: nowMs, sinceMs } as const;
    if (fed === undefined) this.#set(stripe, { ...asking, endsAtMs: NEVER });
    else {
      const { by: still, endsAtMs, expectSinceMs } = fed;
      this.#set(stripe, { ...asking, sinceMs: expectSinceMs, still, endsAtMs });
    }
  }

  #review(stripe: Stripe, feed: Feed & { phase: "fed" }): void {
    const best = this.#best(stripe);
    const current = this.#context.neighbors.get(feed.by);
    if (best === undefined || current === undefined || best === current) return;
    if (feed.endsAtMs < NEVER) return this.#ask(stripe, best, feed.sinceMs, feed);
    // What it really takes, or of many promises the best one would always look better.
    const lagMs = this.#context.stripes.lagMs(stripe) ?? this.#lagBehind(stripe, current);
    const gainMs = lagMs - this.#lagBehind(stripe, best) - this.#usualExtraMs();
    const isWorthwhile = gainMs >= Math.max(WORTHWHILE_GAIN_MS, WORTHWHILE_SHARE * lagMs);
    if (isWorthwhile) this.#ask(stripe, best, feed.sinceMs, feed);
  }

  #best(stripe: Stripe): Neighbor | undefined {
    const load = this.#load();
    const suggested = this.#suggested.get(stripe.id) ?? [];
    let best: Neighbor | undefined;
    let bestCost = Number.POSITIVE_INFINITY;
    for (const neighbor of this.#context.neighbors.values()) {
      if (!this.#isCandidate(stripe, neighbor)) continue;
      const cost =
        this.#cost(stripe, neighbor, load.get(neighbor.peer) ?? 0) -
        (suggested.includes(neighbor.peer) ? 100 : 0) +
        20 * this.#context.random();
      if (cost < bestCost) {
        best = neighbor;
        bestCost = cost;
      }
    }
    return best;
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

  #isCandidate(stripe: Stripe, neighbor: Neighbor): boolean {
    if (!neighbor.hasSaidHello || this.#isChild(stripe, neighbor.peer)) return false;
    const until = this.#refusedUntil.get(neighbor.peer)?.get(stripe.id) ?? 0;
    if (until > this.#context.nowMs) return false;
    if (neighbor.role === "seeder" || neighbor.lagMs(stripe) !== undefined) return true;
    return this.#suggested.get(stripe.id)?.includes(neighbor.peer) === true;
  }

  /** Lag we would have behind this parent, in ms. */
  #lagBehind(stripe: Stripe, neighbor: Neighbor): number {
    const unknownMs = neighbor.role === "seeder" ? this.#context.stripes.chunkMs : 500;
    return (neighbor.lagMs(stripe) ?? unknownMs) + (neighbor.rttMs ?? 50) / 2;
  }

  /** By how much our stripes come later than their parents said, on average. */
  #usualExtraMs(): number {
    let sumMs = 0;
    let count = 0;
    for (const stripe of this.#context.stripes.stripes) {
      const parent = this.#context.neighbors.get(this.parentOf(stripe) ?? ("" as PeerId));
      const lagMs = this.#context.stripes.lagMs(stripe);
      if (parent === undefined || lagMs === undefined) continue;
      sumMs += Math.max(0, lagMs - this.#lagBehind(stripe, parent));
      count++;
    }
    return (sumMs + USUAL_EXTRA_MS) / (count + 1);
  }

  /** The same with penalties for what makes trees fragile. */
  #cost(stripe: Stripe, neighbor: Neighbor, load: number): number {
    const { stripes } = this.#context;
    const lagMs = this.#lagBehind(stripe, neighbor);
    const mine = stripes.lagMs(stripe);
    // Whoever is behind us may be fed by us: a loop would starve both.
    const loopRiskMs = !this.isFed(stripe) && mine !== undefined && lagMs >= mine ? 400 : 0;
    const share = Math.ceil(stripes.taken.length / 3);
    const excess = neighbor.role === "seeder" ? 0 : load + 1 - share;
    return lagMs + loopRiskMs + Math.max(0, excess) * 60;
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
      endsAtMs: feed.endsAtMs,
    });
  }

  #orphan(stripe: Stripe, sinceMs = this.#context.nowMs): void {
    this.#set(stripe, { phase: "orphan", sinceMs, retryAtMs: this.#context.nowMs });
  }

  #leave(stripe: Stripe, parent: PeerId): void {
    this.#context.neighbors.get(parent)?.noteLeft(stripe, this.#context.nowMs);
    this.#context.send(parent, { type: "unsubscribe", ...wireStripe(stripe) });
  }

  #turnAway(stripe: Stripe, peer: PeerId, forMs: number): void {
    const untils = this.#refusedUntil.get(peer) ?? new Map<number, number>();
    this.#refusedUntil.set(peer, untils);
    untils.set(stripe.id, this.#context.nowMs + this.#jittered(forMs));
  }

  #jittered(ms: number): number {
    return ms * (0.8 + 0.4 * this.#context.random());
  }
}
