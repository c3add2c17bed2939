import type { PeerId, RefusalReason } from "#protocol";
import type { MeshContext } from "./context.ts";
import type { Neighbor } from "./neighbor.ts";
import type { Stripe } from "./stripe-table.ts";

/** How one stripe reaches us. `still` is the old parent that feeds us until the new one accepts. */
type Feed =
  | { phase: "orphan"; sinceMs: number; retryAtMs: number }
  | { phase: "asking"; of: PeerId; askedAtMs: number; sinceMs: number; still?: PeerId }
  | { phase: "fed"; by: PeerId; sinceMs: number; lateInARow: number; reviewAtMs: number };

const RETRY_MS = 250;
/** Look for a better parent this often, in ms: rarely enough that trees settle. */
const REVIEW_MS = 5000;
/** A better parent must be this much better, in ms: changing costs a few duplicates. */
const WORTHWHILE_GAIN_MS = 80;
/** Blocks of a stripe that came late in a row before its parent is left (limits E3). */
const LATE_BLOCKS_MAX = 2;
/** Orphans turn urgent after this, in ms: then the seeder may spend an extra copy. */
const URGENT_AFTER_MS = 1500;

/** Chooses for each stripe the neighbor that pushes it to us, and leaves those that are late. */
export class Parents {
  readonly #context: MeshContext;
  readonly #isChild: (stripe: Stripe, peer: PeerId) => boolean;
  readonly #feeds: Feed[] = [];
  /** Until when a neighbor need not be asked for a stripe again. */
  readonly #refusedUntil = new Map<PeerId, Map<number, number>>();
  readonly #suggested = new Map<number, PeerId[]>();

  constructor(context: MeshContext, isChild: (stripe: Stripe, peer: PeerId) => boolean) {
    this.#context = context;
    this.#isChild = isChild;
  }

  /** Whether a push on this stripe from this neighbor is one we asked for. */
  isFeeding(stripe: Stripe, peer: PeerId): boolean {
    const feed = this.#feeds[stripe.id];
    if (feed === undefined || feed.phase === "orphan") return false;
    return feed.phase === "fed" ? feed.by === peer : feed.of === peer || feed.still === peer;
  }

  /** Whether blocks of the stripe can be expected by themselves. */
  isFed(stripe: Stripe): boolean {
    const feed = this.#feeds[stripe.id];
    return feed?.phase === "fed" || (feed?.phase === "asking" && feed.still !== undefined);
  }

  /** Since when it is fed without a break by the present parent. */
  fedSinceMs(stripe: Stripe): number {
    return this.#feeds[stripe.id]?.sinceMs ?? this.#context.nowMs;
  }

  stripesFrom(peer: PeerId): number {
    return this.#context.stripes.stripes.filter((stripe) => this.isFeeding(stripe, peer)).length;
  }

  housekeep(): void {
    const { nowMs, options } = this.#context;
    for (const stripe of this.#context.stripes.stripes) {
      const feed = this.#feeds[stripe.id] ?? { phase: "orphan", sinceMs: nowMs, retryAtMs: nowMs };
      this.#feeds[stripe.id] = feed;
      if (feed.phase === "orphan" && feed.retryAtMs <= nowMs) {
        this.#askBest(stripe, feed.sinceMs);
      } else if (feed.phase === "asking" && nowMs - feed.askedAtMs >= options.subscribeTimeoutMs) {
        this.#context.send(feed.of, { type: "unsubscribe", ...wireStripe(stripe) });
        this.#turnAway(stripe, feed.of, 3000);
        this.#fallBack(stripe, feed);
      } else if (feed.phase === "fed" && feed.reviewAtMs <= nowMs) {
        feed.reviewAtMs = nowMs + this.#jittered(REVIEW_MS);
        this.#review(stripe, feed);
      }
    }
  }

  wakeAtMs(): number {
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const feed of this.#feeds) {
      const dueAtMs =
        feed.phase === "orphan"
          ? feed.retryAtMs
          : feed.phase === "asking"
            ? feed.askedAtMs + this.#context.options.subscribeTimeoutMs
            : feed.reviewAtMs;
      wakeAtMs = Math.min(wakeAtMs, dueAtMs);
    }
    return wakeAtMs;
  }

  accepted(stripe: Stripe, by: PeerId): void {
    const { nowMs } = this.#context;
    const feed = this.#feeds[stripe.id];
    if (feed?.phase !== "asking" || feed.of !== by) return;
    if (feed.still !== undefined) this.#leave(stripe, feed.still);
    this.#suggested.delete(stripe.id);
    this.#feeds[stripe.id] = {
      phase: "fed",
      by,
      sinceMs: nowMs,
      lateInARow: 0,
      reviewAtMs: nowMs + this.#jittered(REVIEW_MS),
    };
  }

  /** The neighbor will not, or no longer, push the stripe. */
  refused(stripe: Stripe, by: PeerId, reason: RefusalReason, alternatives: PeerId[]): void {
    const feed = this.#feeds[stripe.id];
    if (feed === undefined || !this.isFeeding(stripe, by)) return;
    this.#suggested.set(stripe.id, alternatives);
    const isPassing = reason === "loop";
    const isSeeder = this.#context.neighbors.get(by)?.role === "seeder";
    this.#turnAway(
      stripe,
      by,
      isPassing ? RETRY_MS : isSeeder && this.isFed(stripe) ? 12_000 : 3000,
    );
    if (feed.phase === "asking" && feed.of === by) {
      this.#fallBack(stripe, feed);
    } else if (feed.phase === "asking") {
      // The old parent lets go while the new one is being asked: wait for the new one's answer.
      this.#context.neighbors.get(by)?.noteLeft(stripe, this.#context.nowMs);
      this.#feeds[stripe.id] = {
        phase: "asking",
        of: feed.of,
        askedAtMs: feed.askedAtMs,
        sinceMs: feed.sinceMs,
      };
    } else {
      this.#context.neighbors.get(by)?.noteLeft(stripe, this.#context.nowMs);
      this.#orphan(stripe);
    }
  }

  neighborGone(peer: PeerId): void {
    this.#refusedUntil.delete(peer);
    for (const stripe of this.#context.stripes.stripes) {
      const feed = this.#feeds[stripe.id];
      if (feed?.phase === "fed" && feed.by === peer) this.#orphan(stripe);
      if (feed?.phase === "asking" && feed.of === peer) this.#fallBack(stripe, feed);
      else if (feed?.phase === "asking" && feed.still === peer) {
        this.#feeds[stripe.id] = {
          phase: "asking",
          of: feed.of,
          askedAtMs: feed.askedAtMs,
          sinceMs: feed.sinceMs,
        };
      }
    }
  }

  /** A block came in time by push. */
  noteInTime(stripe: Stripe): void {
    const feed = this.#feeds[stripe.id];
    if (feed?.phase === "fed") feed.lateInARow = 0;
  }

  /** A block had to be asked for elsewhere. */
  noteLate(stripe: Stripe): void {
    const feed = this.#feeds[stripe.id];
    if (feed?.phase !== "fed" || ++feed.lateInARow < LATE_BLOCKS_MAX) return;
    if (this.#context.nowMs - feed.sinceMs < this.#context.options.parentSilenceMs) return;
    this.#turnAway(stripe, feed.by, 5000);
    this.#leave(stripe, feed.by);
    this.#orphan(stripe);
  }

  #askBest(stripe: Stripe, orphanSinceMs: number): void {
    const { nowMs } = this.#context;
    const parent = this.#best(stripe);
    if (parent === undefined) {
      this.#feeds[stripe.id] = {
        phase: "orphan",
        sinceMs: orphanSinceMs,
        retryAtMs: nowMs + this.#jittered(RETRY_MS),
      };
      return;
    }
    this.#ask(stripe, parent, orphanSinceMs);
  }

  #ask(stripe: Stripe, parent: Neighbor, sinceMs: number, still?: PeerId): void {
    const { nowMs } = this.#context;
    const isUrgent = still === undefined && nowMs - sinceMs >= URGENT_AFTER_MS;
    this.#context.send(parent.peer, { type: "subscribe", ...wireStripe(stripe), isUrgent });
    const asking = { phase: "asking", of: parent.peer, askedAtMs: nowMs, sinceMs } as const;
    this.#feeds[stripe.id] = still === undefined ? asking : { ...asking, still };
  }

  #review(stripe: Stripe, feed: Feed & { phase: "fed" }): void {
    const best = this.#best(stripe);
    const current = this.#context.neighbors.get(feed.by);
    if (best === undefined || current === undefined || best === current) return;
    const gainMs = this.#cost(stripe, current) - this.#cost(stripe, best);
    if (gainMs >= WORTHWHILE_GAIN_MS) this.#ask(stripe, best, feed.sinceMs, feed.by);
  }

  #best(stripe: Stripe): Neighbor | undefined {
    const suggested = this.#suggested.get(stripe.id) ?? [];
    let best: Neighbor | undefined;
    let bestCost = Number.POSITIVE_INFINITY;
    for (const neighbor of this.#context.neighbors.values()) {
      if (!this.#isCandidate(stripe, neighbor)) continue;
      const cost =
        this.#cost(stripe, neighbor) -
        (suggested.includes(neighbor.peer) ? 100 : 0) +
        20 * this.#context.random();
      if (cost < bestCost) {
        best = neighbor;
        bestCost = cost;
      }
    }
    return best;
  }

  #isCandidate(stripe: Stripe, neighbor: Neighbor): boolean {
    if (!neighbor.hasSaidHello || this.#isChild(stripe, neighbor.peer)) return false;
    const until = this.#refusedUntil.get(neighbor.peer)?.get(stripe.id) ?? 0;
    if (until > this.#context.nowMs) return false;
    if (neighbor.role === "seeder" || neighbor.lagMs(stripe) !== undefined) return true;
    return this.#suggested.get(stripe.id)?.includes(neighbor.peer) === true;
  }

  /** Expected lag behind this parent in ms, with penalties for what makes trees fragile. */
  #cost(stripe: Stripe, neighbor: Neighbor): number {
    const { stripes } = this.#context;
    const lagMs = neighbor.lagMs(stripe) ?? 500;
    const mine = stripes.lagMs(stripe);
    // Whoever is behind us may be fed by us: a loop would starve both.
    const loopRiskMs = !this.isFed(stripe) && mine !== undefined && lagMs >= mine ? 400 : 0;
    const share = Math.ceil(stripes.stripes.length / 3);
    const excess = neighbor.role === "seeder" ? 0 : this.stripesFrom(neighbor.peer) + 1 - share;
    return lagMs + (neighbor.rttMs ?? 50) / 2 + loopRiskMs + Math.max(0, excess) * 60;
  }

  #fallBack(stripe: Stripe, feed: Feed & { phase: "asking" }): void {
    if (feed.still === undefined) {
      this.#orphan(stripe, feed.sinceMs);
      return;
    }
    this.#feeds[stripe.id] = {
      phase: "fed",
      by: feed.still,
      sinceMs: feed.sinceMs,
      lateInARow: 0,
      reviewAtMs: this.#context.nowMs + this.#jittered(REVIEW_MS),
    };
  }

  #orphan(stripe: Stripe, sinceMs = this.#context.nowMs): void {
    this.#feeds[stripe.id] = { phase: "orphan", sinceMs, retryAtMs: this.#context.nowMs };
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

export function wireStripe(stripe: Stripe): { track: number; stripe: number } {
  return { track: stripe.track, stripe: stripe.stripe };
}
