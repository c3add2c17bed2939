import type { FlatWorld } from "./flat-world.ts";

/** As in mesh/src/striped-push/parent-choice.ts, by the same names. */
const WORTHWHILE_GAIN_MS = 80;
const WORTHWHILE_SHARE = 0.25;
const WORTH_CLIMBING = 1.6;
const USUAL_EXTRA_MS = 50;
const UNKNOWN_LAG_MS = 500;
const SUGGESTED_MS = 100;
const CHANCE_MS = 20;
const LOOP_RISK_MS = 400;
const EXCESS_MS = 60;

const NONE = -1;

/** Whom to ask for a stripe: by lag and distance, as mesh/src/striped-push/parent-choice.ts chooses. */
export class ParentChoice {
  /** What each peer has told of its lags, by peer and stripe; negative while it carries nothing. */
  readonly toldLagMs: Float32Array;
  readonly #world: FlatWorld;
  readonly #stripes: number;

  constructor(world: FlatWorld) {
    this.#world = world;
    this.#stripes = world.plan.stripes;
    this.toldLagMs = new Float32Array(world.peers.capacity * this.#stripes).fill(NONE);
  }

  /** Tell neighbors how far behind the source each stripe leaves this peer. */
  tell(peer: number): void {
    const { parents, lags, uploads, uplinks, plan } = this.#world;
    const extraMs = (uploads.pushDelayMs[peer] as number) + uplinks.queueMs(peer);
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const feed = peer * this.#stripes + stripe;
      const lagMs = peer === 0 ? plan.chunkMs : (lags.meanMs[feed] as number);
      const isCarried = lagMs >= 0 && parents.isFed(peer, stripe);
      this.toldLagMs[feed] = isCarried ? lagMs + extraMs : NONE;
    }
  }

  /** Slot of the neighbor to ask, -1 for none. */
  best(peer: number, stripe: number): number {
    const { links, random, parents, lags } = this.#world;
    const feed = peer * this.#stripes + stripe;
    const suggestedBy = parents.suggestedBy[feed] as number;
    const mineMs = lags.meanMs[feed] as number;
    const isUnfed = !parents.isFed(peer, stripe);
    const end = links.end(peer);
    let best = NONE;
    let bestCost = Number.POSITIVE_INFINITY;
    for (let slot = links.first(peer); slot < end; slot++) {
      const other = links.peer[slot] as number;
      if (other === NONE) continue;
      const isSuggested = suggestedBy !== NONE && this.#isChildOf(suggestedBy, stripe, other);
      if (!this.isCandidate(peer, stripe, slot, isSuggested)) continue;
      const lagMs = this.lagBehindMs(stripe, slot);
      const loopRiskMs = isUnfed && mineMs >= 0 && lagMs >= mineMs ? LOOP_RISK_MS : 0;
      const excess = other === 0 ? 0 : this.#load(peer, slot) + 1 - Math.ceil(this.#stripes / 3);
      const cost =
        lagMs +
        loopRiskMs +
        Math.max(0, excess) * EXCESS_MS -
        (isSuggested ? SUGGESTED_MS : 0) +
        CHANCE_MS * random();
      if (cost >= bestCost) continue;
      best = slot;
      bestCost = cost;
    }
    return best;
  }

  /** Whether another parent promises enough less lag than the present one gives. */
  isWorthwhile(peer: number, stripe: number, slot: number): boolean {
    const { parents, lags } = this.#world;
    const feed = peer * this.#stripes + stripe;
    const knownMs = lags.meanMs[feed] as number;
    const lagMs = knownMs < 0 ? this.lagBehindMs(stripe, parents.by[feed] as number) : knownMs;
    const gainMs = lagMs - this.lagBehindMs(stripe, slot) - this.#usualExtraMs(peer);
    return gainMs >= Math.max(WORTHWHILE_GAIN_MS, WORTHWHILE_SHARE * lagMs);
  }

  /** Whoever can give more in a stripe than its parent belongs in its parent's place.
   * @returns The one above the parent; -1 where the parent belongs where it is. */
  above(peer: number, stripe: number): number {
    const { parents, uplinks, interior } = this.#world;
    const parent = parents.parentOf(peer, stripe);
    if (parent <= 0) return NONE;
    const ours = interior.worthBps(peer, uplinks.classBps(peer), stripe);
    const theirs = interior.worthBps(parent, uplinks.announcedBps[parent] as number, stripe);
    const above = parents.parentOf(parent, stripe);
    // The source changes places with nobody.
    return above <= 0 || ours < WORTH_CLIMBING * theirs ? NONE : above;
  }

  /** Lag a peer would have behind this neighbor, in ms. */
  lagBehindMs(stripe: number, slot: number): number {
    const { links, plan } = this.#world;
    const other = links.peer[slot] as number;
    const toldMs = this.toldLagMs[other * this.#stripes + stripe] as number;
    const unknownMs = other === 0 ? plan.chunkMs : UNKNOWN_LAG_MS;
    return (toldMs < 0 ? unknownMs : toldMs) + (links.roundTripMs[slot] as number) / 2;
  }

  /** Whether a neighbor can be asked for a stripe. @param isSuggested Others named it. */
  isCandidate(peer: number, stripe: number, slot: number, isSuggested = false): boolean {
    const { links, parents, children, wheel } = this.#world;
    const other = links.peer[slot] as number;
    // A neighbor's greeting is under way for as long.
    if (wheel.nowMs - (links.sinceMs[slot] as number) < (links.oneWayMs[slot] as number))
      return false;
    if ((parents.refusedUntilMs[slot * this.#stripes + stripe] as number) > wheel.nowMs)
      return false;
    if (other === 0 && parents.isFed(peer, stripe)) return false;
    const isCarrier =
      other === 0 || (this.toldLagMs[other * this.#stripes + stripe] as number) >= 0;
    if (!isCarrier && !isSuggested) return false;
    return !children.isChild(peer, stripe, slot);
  }

  #isChildOf(peer: number, stripe: number, other: number): boolean {
    const { children, links } = this.#world;
    const count = children.count(peer, stripe);
    for (let n = 0; n < count; n++) {
      if (links.peer[children.nth(peer, stripe, n)] === other) return true;
    }
    return false;
  }

  /** How many stripes a neighbor feeds us or is asked for. */
  #load(peer: number, slot: number): number {
    const { parents } = this.#world;
    let load = 0;
    for (let feed = peer * this.#stripes; feed < (peer + 1) * this.#stripes; feed++) {
      if (parents.slotOf(feed) === slot) load++;
    }
    return load;
  }

  /** By how much stripes come later than their parents said, on average. */
  #usualExtraMs(peer: number): number {
    const { parents, lags } = this.#world;
    let sumMs = 0;
    let count = 0;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const feed = peer * this.#stripes + stripe;
      const slot = parents.by[feed] as number;
      const lagMs = lags.meanMs[feed] as number;
      if (slot === NONE || lagMs < 0) continue;
      sumMs += Math.max(0, lagMs - this.lagBehindMs(stripe, slot));
      count++;
    }
    return (sumMs + USUAL_EXTRA_MS) / (count + 1);
  }
}
