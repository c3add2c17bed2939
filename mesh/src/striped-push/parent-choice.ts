import type { PeerId } from "#protocol";
import type { MeshContext } from "../context.ts";
import type { Neighbor } from "../neighbor.ts";
import type { Stripe } from "../stripe-table.ts";
import { isStrong, isWeak, worthInside } from "./interior.ts";

/** A better parent must be better by this, in ms, and by this share of the lag: changing costs a few
 * duplicates. */
const WORTHWHILE_GAIN_MS = 80;
const WORTHWHILE_SHARE = 0.25;
/** Whoever can give so many times as much to a stripe as its parent changes places with it: the same in
 * the eyes of the one above. */
const WORTH_CLIMBING = 1.6;
/** What a parent adds to what it advertises, in ms, until we have seen what they add. */
const USUAL_EXTRA_MS = 50;
/** What a neighbor that another named is preferred by, in ms, and what chance adds at most. */
const SUGGESTED_MS = 100;
const CHANCE_MS = 20;
/** Whoever is behind us may be fed by us, and each stripe beyond its share makes one neighbor's loss
 * worse: what that counts for, in ms. */
const LOOP_RISK_MS = 400;
const EXCESS_MS = 60;

/** How stripes reach us and leave us. */
export type Ways = {
  isChild(stripe: Stripe, peer: PeerId): boolean;
  isFed(stripe: Stripe): boolean;
  parentOf(stripe: Stripe): PeerId | undefined;
  /** Peers between us and the source, it first, our parent last. */
  routeOf(stripe: Stripe): readonly PeerId[];
  /** How many stripes each neighbor feeds us or is asked for. */
  load(): ReadonlyMap<PeerId, number>;
};

/** A neighbor that is not asked for a stripe: it would not or could not, or it said nothing any more. */
type TurnedAway = { untilMs: number; sinceMs: number; why: "refused" | "silent" };

/** Which neighbor to ask for a stripe. */
export class ParentChoice {
  readonly #context: MeshContext;
  readonly #ways: Ways;
  /** By stripe. */
  readonly #turnedAway = new Map<PeerId, Map<number, TurnedAway>>();
  readonly #suggested = new Map<number, readonly PeerId[]>();

  constructor(context: MeshContext, ways: Ways) {
    this.#context = context;
    this.#ways = ways;
  }

  suggest(stripe: Stripe, peers: readonly PeerId[]): void {
    this.#suggested.set(stripe.id, peers);
  }

  /** A parent was found: whom others named no longer matters. */
  found(stripe: Stripe): void {
    this.#suggested.delete(stripe.id);
  }

  /** The neighbor need not be asked for the stripe for this long, in ms. */
  turnAway(stripe: Stripe, peer: PeerId, forMs: number, why: TurnedAway["why"]): void {
    const { nowMs } = this.#context;
    const ofPeer = this.#turnedAway.get(peer) ?? new Map<number, TurnedAway>();
    this.#turnedAway.set(peer, ofPeer);
    ofPeer.set(stripe.id, { untilMs: nowMs + forMs, sinceMs: nowMs, why });
  }

  forget(peer: PeerId): void {
    this.#turnedAway.delete(peer);
  }

  /**
   * The candidate that costs least. Whoever has no parent and nobody else to turn to takes a seeder that
   * was silent, as soon as it is heard again: a source that stood still for a second may be the only one
   * there is. Who was late stays turned away, or swarms short of upload fall back onto the source
   * (simulator, `nat-heavy`: 6.6 source copies instead of 2.1).
   */
  best(stripe: Stripe): Neighbor | undefined {
    const best = this.#bestOf(stripe, () => false);
    if (best !== undefined || this.#ways.isFed(stripe)) return best;
    return this.#bestOf(stripe, ({ why, sinceMs }, neighbor) => {
      return why === "silent" && neighbor.role === "seeder" && neighbor.lastHeardMs > sinceMs;
    });
  }

  #bestOf(
    stripe: Stripe,
    isForgiven: (turnedAway: TurnedAway, neighbor: Neighbor) => boolean,
  ): Neighbor | undefined {
    const load = this.#ways.load();
    const suggested = this.#suggested.get(stripe.id) ?? [];
    let best: Neighbor | undefined;
    let bestCost = Number.POSITIVE_INFINITY;
    for (const neighbor of this.#context.neighbors.values()) {
      if (!this.#isCandidate(stripe, neighbor, isForgiven)) continue;
      const cost =
        this.#cost(stripe, neighbor, load.get(neighbor.peer) ?? 0) -
        (suggested.includes(neighbor.peer) ? SUGGESTED_MS : 0) +
        CHANCE_MS * this.#context.random();
      if (cost >= bestCost) continue;
      best = neighbor;
      bestCost = cost;
    }
    return best;
  }

  /** Whether another parent is so much better that it is worth a change. */
  isWorthwhile(stripe: Stripe, current: Neighbor, other: Neighbor): boolean {
    // What it really takes, or of many promises the best one would always look better.
    const lagMs = this.#context.stripes.lagMs(stripe) ?? this.lagBehind(stripe, current);
    const gainMs = lagMs - this.lagBehind(stripe, other) - this.#usualExtraMs();
    return gainMs >= Math.max(WORTHWHILE_GAIN_MS, WORTHWHILE_SHARE * lagMs);
  }

  /**
   * Whoever can give more in this stripe than its parent belongs in its parent's place. @returns The one
   * above the parent, if it is a neighbor that can be asked, or its id.
   */
  above(stripe: Stripe, parent: Neighbor): Neighbor | PeerId | undefined {
    const { neighbors, self, uplink } = this.#context;
    if (parent.role === "seeder") return undefined;
    const ours = worthInside(self, uplink.classBps, stripe, this.#context);
    const theirs = worthInside(parent.peer, parent.uploadBps, stripe, this.#context);
    if (ours < WORTH_CLIMBING * theirs) return undefined;
    const peer = this.#ways.routeOf(stripe).at(-2);
    const isSource = ({ role }: Neighbor) => role === "seeder";
    const above = peer === undefined ? [...neighbors.values()].find(isSource) : neighbors.get(peer);
    if (above === undefined) return peer;
    return this.#isCandidate(stripe, above, () => false) ? above : undefined;
  }

  /** This neighbor's child that feeds us: the two of us can change places. */
  childAbove(stripe: Stripe, { peer }: Neighbor): PeerId | undefined {
    if (!this.#ways.isFed(stripe)) return undefined;
    const route = this.#ways.routeOf(stripe);
    return route.at(-2) === peer ? route.at(-1) : undefined;
  }

  /** Lag we would have behind this parent, in ms. */
  lagBehind(stripe: Stripe, neighbor: Neighbor): number {
    const unknownMs = neighbor.role === "seeder" ? this.#context.stripes.chunkMs : 500;
    return (neighbor.lagMs(stripe) ?? unknownMs) + (neighbor.rttMs ?? 50) / 2;
  }

  #isCandidate(
    stripe: Stripe,
    neighbor: Neighbor,
    isForgiven: (turnedAway: TurnedAway, neighbor: Neighbor) => boolean,
  ): boolean {
    const { peer, role } = neighbor;
    if (!neighbor.hasSaidHello || this.#ways.isChild(stripe, peer)) return false;
    const turnedAway = this.#turnedAway.get(peer)?.get(stripe.id);
    const isAway = turnedAway !== undefined && turnedAway.untilMs > this.#context.nowMs;
    if (isAway && !isForgiven(turnedAway, neighbor)) return false;
    if (role === "seeder") {
      const isParent = this.#ways.parentOf(stripe) === peer;
      return isParent || !this.#ways.isFed(stripe) || this.#isBelowWeakRoot(stripe);
    }
    if (neighbor.lagMs(stripe) !== undefined) return true;
    return this.#suggested.get(stripe.id)?.includes(peer) === true;
  }

  /**
   * Most of the swarm hangs below the source's child: changing places with it shakes more than it gains
   * (simulator: with a quarter of free riders delay p95 922 -> 1483 ms), unless its uplink is weak and ours strong.
   */
  #isBelowWeakRoot(stripe: Stripe): boolean {
    const { neighbors, uplink } = this.#context;
    const route = this.#ways.routeOf(stripe);
    const parent = route.length === 2 ? route[1] : undefined;
    const root = parent === undefined ? undefined : neighbors.get(parent);
    if (root === undefined || !isWeak(root.uploadBps, this.#context)) return false;
    return isStrong(uplink.classBps, this.#context);
  }

  /** The lag, with penalties for what makes trees fragile. */
  #cost(stripe: Stripe, neighbor: Neighbor, load: number): number {
    const { stripes } = this.#context;
    const lagMs = this.lagBehind(stripe, neighbor);
    const mine = stripes.lagMs(stripe);
    const isRisky = !this.#ways.isFed(stripe) && mine !== undefined && lagMs >= mine;
    const share = Math.ceil(stripes.taken.length / 3);
    const excess = neighbor.role === "seeder" ? 0 : load + 1 - share;
    return lagMs + (isRisky ? LOOP_RISK_MS : 0) + Math.max(0, excess) * EXCESS_MS;
  }

  /** By how much our stripes come later than their parents said, on average. */
  #usualExtraMs(): number {
    let sumMs = 0;
    let count = 0;
    for (const stripe of this.#context.stripes.stripes) {
      const by = this.#ways.parentOf(stripe);
      const parent = by === undefined ? undefined : this.#context.neighbors.get(by);
      const lagMs = this.#context.stripes.lagMs(stripe);
      if (parent === undefined || lagMs === undefined) continue;
      sumMs += Math.max(0, lagMs - this.lagBehind(stripe, parent));
      count++;
    }
    return (sumMs + USUAL_EXTRA_MS) / (count + 1);
  }
}
