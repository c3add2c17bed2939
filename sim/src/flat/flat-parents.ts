import { CLIMB_BIT, KIND, packed, URGENT_BIT } from "./events.ts";
import { REFUSAL } from "./flat-children.ts";
import { type FlatWorld, jittered } from "./flat-world.ts";
import { NO_TICK } from "./timing-wheel.ts";

/** As in mesh/src/striped-push/parents.ts, by the same names. */
const RETRY_MS = 400;
const LOOP_RETRY_MS = 1000;
const REVIEW_MS = 6000;
const REVIEW_INSIDE_MS = 2000;
const REFUSED_RETRY_MS = 3000;
const LATE_RETRY_MS = 5000;
const SOURCE_RETRY_MS = 12_000;
const LATE_BLOCKS_MAX = 2;
const URGENT_AFTER_MS = 1000;
const URGENT_WHEN_LOST_MS = 200;
/** WIRE_LIMITS.routeHops of protocol. */
const ROUTE_HOPS = 32;
const SUBSCRIBE_BYTES = 8;
const PEER_ID_BYTES = 10;
const UNSUBSCRIBE_BYTES = 4;

const NEVER = Number.POSITIVE_INFINITY;
const NONE = -1;
const PHASE = { orphan: 0, asking: 1, fed: 2 } as const;

/**
 * Which neighbor pushes each stripe to each peer: the phases of mesh/src/striped-push/parents.ts as columns. A feed is
 * a row per peer and stripe. Whom to ask is decided in {@link ParentChoice}.
 */
export class FlatParents {
  /** Slot of whom it comes from, while asking of the old parent; -1 for none. */
  readonly by: Int32Array;
  /** Until when a neighbor need not be asked, by slot and stripe. */
  readonly refusedUntilMs: Float32Array;
  /** Who refused last: its children are the alternatives it named. A peer, -1 for none. */
  readonly suggestedBy: Int32Array;
  readonly #world: FlatWorld;
  readonly #stripes: number;
  readonly #phase: Uint8Array;
  readonly #of: Int32Array;
  readonly #sinceMs: Float32Array;
  readonly #expectSinceMs: Float32Array;
  /** When to look again: retry, end of asking, or review, by the phase. */
  readonly #dueAtMs: Float32Array;
  /** The parent gave notice then, and feeds on for a while; infinite where it did not. */
  readonly #noticedAtMs: Float32Array;
  readonly #lateInARow: Uint8Array;
  readonly #orphans: Uint8Array;
  readonly #timers: Int32Array;

  constructor(world: FlatWorld) {
    const peers = world.peers.capacity;
    const feeds = peers * world.plan.stripes;
    this.#world = world;
    this.#stripes = world.plan.stripes;
    this.by = new Int32Array(feeds).fill(NONE);
    this.refusedUntilMs = new Float32Array(world.links.slotCount * world.plan.stripes);
    this.suggestedBy = new Int32Array(feeds).fill(NONE);
    this.#phase = new Uint8Array(feeds);
    this.#of = new Int32Array(feeds).fill(NONE);
    this.#sinceMs = new Float32Array(feeds);
    this.#expectSinceMs = new Float32Array(feeds);
    this.#dueAtMs = new Float32Array(feeds);
    this.#noticedAtMs = new Float32Array(feeds).fill(NEVER);
    this.#lateInARow = new Uint8Array(feeds);
    this.#orphans = new Uint8Array(peers);
    this.#timers = new Int32Array(peers).fill(NO_TICK);
  }

  begin(peer: number): void {
    const { nowMs } = this.#world.wheel;
    this.#orphans[peer] = this.#stripes;
    for (let feed = peer * this.#stripes; feed < (peer + 1) * this.#stripes; feed++) {
      this.#sinceMs[feed] = nowMs;
    }
  }

  // What the other rules ask

  isFed(peer: number, stripe: number): boolean {
    return peer === 0 || this.by[peer * this.#stripes + stripe] !== NONE;
  }

  /** Since when a stripe is fed without a break, by whomever. */
  fedSinceMs(peer: number, stripe: number): number {
    return this.#expectSinceMs[peer * this.#stripes + stripe] as number;
  }

  isFeeding(peer: number, stripe: number, slot: number): boolean {
    const feed = peer * this.#stripes + stripe;
    return this.by[feed] === slot || this.#of[feed] === slot;
  }

  feedsAny(peer: number, slot: number): boolean {
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      if (this.isFeeding(peer, stripe, slot)) return true;
    }
    return false;
  }

  /** Who pushes a stripe to a peer, -1 for nobody. */
  parentOf(peer: number, stripe: number): number {
    const slot = this.by[peer * this.#stripes + stripe] as number;
    return slot === NONE ? NONE : (this.#world.links.peer[slot] as number);
  }

  /** Whether a stripe comes to a peer through a child of this one. */
  isBelowChildOf(peer: number, stripe: number, above: number): boolean {
    const parent = this.parentOf(peer, stripe);
    return parent > 0 && this.parentOf(parent, stripe) === above;
  }

  /** The child of a slot's peer that feeds the neighbor there, as that peer's slot; -1 for none. */
  between(slot: number, stripe: number): number {
    const { links } = this.#world;
    const parent = this.parentOf(links.peer[slot] as number, stripe);
    return parent === NONE ? NONE : links.find(links.ownerOf(slot), parent);
  }

  /** Slot of whom a stripe comes from or is asked of. */
  slotOf(feed: number): number {
    return this.#phase[feed] === PHASE.asking
      ? (this.#of[feed] as number)
      : (this.by[feed] as number);
  }

  /** Whether a peer may push the stripe to another, who must not be among those it comes from. */
  canFeed(peer: number, stripe: number, other: number): boolean {
    const { links } = this.#world;
    let at = peer;
    for (let hops = 0; at !== 0; hops++) {
      const slot = this.by[at * this.#stripes + stripe] as number;
      if (slot === NONE) return at !== peer;
      at = links.peer[slot] as number;
      if (at === other || hops > ROUTE_HOPS - 2) return false;
    }
    return true;
  }

  // What happens

  noteInTime(peer: number, stripe: number): void {
    this.#lateInARow[peer * this.#stripes + stripe] = 0;
  }

  /** A block came from elsewhere, for which we had asked because it was overdue. */
  noteLate(peer: number, stripe: number, from: number): void {
    const { nowMs } = this.#world.wheel;
    const feed = peer * this.#stripes + stripe;
    const by = this.by[feed] as number;
    if (this.#phase[feed] !== PHASE.fed || by === from) return;
    const late = (this.#lateInARow[feed] as number) + 1;
    this.#lateInARow[feed] = late;
    if (late < LATE_BLOCKS_MAX) return;
    if (nowMs - (this.#sinceMs[feed] as number) < this.#world.options.parentSilenceMs) return;
    this.#lateInARow[feed] = 0;
    this.#turnAway(stripe, by, LATE_RETRY_MS);
    const best = this.#world.choice.best(peer, stripe);
    if (best !== NONE) this.#ask(peer, stripe, best);
  }

  accepted(peer: number, stripe: number, slot: number): void {
    const { wheel, links, lags, choice, random, news } = this.#world;
    const feed = peer * this.#stripes + stripe;
    if (this.#phase[feed] !== PHASE.asking || this.#of[feed] !== slot) {
      // From the parent: it gave notice, and takes that back.
      if (this.by[feed] === slot) this.#noticedAtMs[feed] = NEVER;
      else this.#leave(stripe, slot);
      return;
    }
    if (!this.canFeed(links.peer[slot] as number, stripe, peer)) {
      this.#turnAway(stripe, slot, 2 * LOOP_RETRY_MS);
      this.#leave(stripe, slot);
      this.#fallBack(peer, stripe);
      return;
    }
    const still = this.by[feed] as number;
    if (still === NONE) news.soon(peer);
    else this.#leave(stripe, still);
    lags.expect(peer, stripe, choice.lagBehindMs(stripe, slot));
    this.suggestedBy[feed] = NONE;
    this.by[feed] = slot;
    this.#of[feed] = NONE;
    this.#expectSinceMs[feed] = still === NONE ? wheel.nowMs : (this.#sinceMs[feed] as number);
    this.#sinceMs[feed] = wheel.nowMs;
    this.#lateInARow[feed] = 0;
    this.#noticedAtMs[feed] = NEVER;
    const reviewMs = this.#reviewMs(peer, stripe);
    this.#set(peer, feed, PHASE.fed, wheel.nowMs + jittered(reviewMs, random));
  }

  refused(peer: number, stripe: number, slot: number, reason: number): void {
    const { wheel, links, overlay } = this.#world;
    const feed = peer * this.#stripes + stripe;
    if (!this.isFeeding(peer, stripe, slot)) return;
    this.suggestedBy[feed] = links.peer[slot] as number;
    overlay.suggested(peer, stripe, links.peer[slot] as number);
    const isSeeder = links.peer[slot] === 0;
    const isPatient = isSeeder && this.by[feed] !== NONE;
    const fullMs = isPatient ? SOURCE_RETRY_MS : REFUSED_RETRY_MS;
    this.#turnAway(stripe, slot, reason === REFUSAL.loop ? LOOP_RETRY_MS : fullMs);
    if (this.#of[feed] === slot) return this.#fallBack(peer, stripe);
    if (this.#phase[feed] === PHASE.asking) {
      this.#noticedAtMs[feed] = wheel.nowMs;
    } else if (this.#isNoticed(feed)) {
      this.#orphan(peer, stripe, wheel.nowMs);
    } else {
      this.#noticedAtMs[feed] = wheel.nowMs;
      this.#set(peer, feed, PHASE.fed, wheel.nowMs + RETRY_MS);
      this.#review(peer, stripe);
    }
  }

  /** Nothing at all was heard of a neighbor for long: where it feeds us, another is asked. */
  fellSilent(peer: number, slot: number): void {
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const feed = peer * this.#stripes + stripe;
      if (this.#phase[feed] !== PHASE.fed || this.by[feed] !== slot) continue;
      this.#turnAway(stripe, slot, LATE_RETRY_MS);
      this.#leave(stripe, slot);
      this.#lost(peer, stripe);
    }
  }

  neighborGone(peer: number, slot: number): void {
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const feed = peer * this.#stripes + stripe;
      this.refusedUntilMs[slot * this.#stripes + stripe] = 0;
      if (this.#of[feed] === slot) this.#fallBack(peer, stripe);
      if (this.by[feed] !== slot) continue;
      if (this.#phase[feed] === PHASE.fed) this.#lost(peer, stripe);
      else this.by[feed] = NONE;
    }
  }

  /** A neighbor has something new to offer: orphans look at once. */
  lookAgain(peer: number): void {
    if (this.#orphans[peer] === 0) return;
    const { nowMs } = this.#world.wheel;
    for (let feed = peer * this.#stripes; feed < (peer + 1) * this.#stripes; feed++) {
      if (this.#phase[feed] !== PHASE.orphan) continue;
      this.#dueAtMs[feed] = Math.min(this.#dueAtMs[feed] as number, nowMs);
    }
    this.#schedule(peer, nowMs);
  }

  timer(peer: number): void {
    if (this.#timers[peer] !== this.#world.wheel.tick) return;
    this.#timers[peer] = NO_TICK;
    let dueAtMs = NEVER;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const feed = peer * this.#stripes + stripe;
      this.#housekeep(peer, stripe, feed);
      dueAtMs = Math.min(dueAtMs, this.#dueAtMs[feed] as number);
    }
    this.#schedule(peer, dueAtMs);
  }

  #housekeep(peer: number, stripe: number, feed: number): void {
    const { wheel, random } = this.#world;
    const { nowMs } = wheel;
    if ((this.#dueAtMs[feed] as number) > nowMs) return;
    switch (this.#phase[feed]) {
      case PHASE.orphan:
        return this.#askBest(peer, stripe);
      case PHASE.asking:
        this.#leave(stripe, this.#of[feed] as number);
        this.#turnAway(stripe, this.#of[feed] as number, REFUSED_RETRY_MS);
        return this.#fallBack(peer, stripe);
      case PHASE.fed: {
        const pauseMs = this.#isNoticed(feed) ? RETRY_MS : this.#reviewMs(peer, stripe);
        this.#dueAtMs[feed] = nowMs + jittered(pauseMs, random);
        return this.#review(peer, stripe);
      }
    }
  }

  #askBest(peer: number, stripe: number): void {
    const { wheel, random, choice } = this.#world;
    const best = choice.best(peer, stripe);
    if (best !== NONE) return this.#ask(peer, stripe, best);
    this.#dueAtMs[peer * this.#stripes + stripe] = wheel.nowMs + jittered(RETRY_MS, random);
  }

  #ask(peer: number, stripe: number, slot: number): void {
    const { wheel, options, repair, network, links } = this.#world;
    const { nowMs } = wheel;
    const feed = peer * this.#stripes + stripe;
    const isFed = this.#phase[feed] === PHASE.fed;
    const wantsSinceMs = (isFed ? this.#noticedAtMs[feed] : this.#sinceMs[feed]) as number;
    const isUrgent = nowMs - wantsSinceMs >= URGENT_AFTER_MS;
    const isClimb = this.isBelowChildOf(peer, stripe, links.peer[slot] as number);
    const fromSequence = repair.firstLacking(peer, stripe);
    const flags = (isUrgent ? URGENT_BIT : 0) | (isClimb ? CLIMB_BIT : 0);
    const about = stripe | flags | (fromSequence << 8);
    const bytes = SUBSCRIBE_BYTES + (isClimb ? PEER_ID_BYTES : 0);
    network.sendControl(KIND.subscribe, slot, about, bytes);
    if (isFed) this.#sinceMs[feed] = this.#expectSinceMs[feed] as number;
    this.#of[feed] = slot;
    this.#set(peer, feed, PHASE.asking, nowMs + options.subscribeTimeoutMs);
  }

  #review(peer: number, stripe: number): void {
    const { choice } = this.#world;
    const feed = peer * this.#stripes + stripe;
    const isNoticed = this.#isNoticed(feed);
    const above = isNoticed ? NONE : this.#slotAbove(peer, stripe);
    if (above !== NONE) return this.#ask(peer, stripe, above);
    const best = choice.best(peer, stripe);
    if (best === NONE || best === this.by[feed]) return;
    if (isNoticed || choice.isWorthwhile(peer, stripe, best)) this.#ask(peer, stripe, best);
  }

  /** Slot of whom to ask for the parent's place, -1 for nobody; a stranger is dialed first. */
  #slotAbove(peer: number, stripe: number): number {
    const { choice, links, overlay } = this.#world;
    const above = choice.above(peer, stripe);
    if (above === NONE) return NONE;
    const slot = links.find(peer, above);
    if (slot !== NONE) return choice.isCandidate(peer, stripe, slot) ? slot : NONE;
    overlay.named(peer, above);
    return NONE;
  }

  #reviewMs(peer: number, stripe: number): number {
    const { interior, uplinks } = this.#world;
    const isInside = interior.isInside(peer, uplinks.classBps(peer), stripe);
    return isInside ? REVIEW_INSIDE_MS : REVIEW_MS;
  }

  #isNoticed(feed: number): boolean {
    return (this.#noticedAtMs[feed] as number) < NEVER;
  }

  #fallBack(peer: number, stripe: number): void {
    const { wheel, random } = this.#world;
    const feed = peer * this.#stripes + stripe;
    this.#of[feed] = NONE;
    if (this.by[feed] === NONE) {
      this.#orphan(peer, stripe, this.#sinceMs[feed] as number);
      return;
    }
    this.#expectSinceMs[feed] = this.#sinceMs[feed] as number;
    this.#lateInARow[feed] = 0;
    this.#set(peer, feed, PHASE.fed, wheel.nowMs + jittered(REVIEW_MS / 4, random));
  }

  /** Whoever just lost its parent plays already, and has no second to lose. */
  #lost(peer: number, stripe: number): void {
    const sinceMs = this.#world.wheel.nowMs - URGENT_AFTER_MS + URGENT_WHEN_LOST_MS;
    this.#orphan(peer, stripe, sinceMs);
  }

  #orphan(peer: number, stripe: number, sinceMs: number): void {
    const feed = peer * this.#stripes + stripe;
    this.by[feed] = NONE;
    this.#of[feed] = NONE;
    this.#sinceMs[feed] = sinceMs;
    this.#noticedAtMs[feed] = NEVER;
    this.#set(peer, feed, PHASE.orphan, this.#world.wheel.nowMs);
  }

  #set(peer: number, feed: number, phase: number, dueAtMs: number): void {
    const wasOrphan = this.#phase[feed] === PHASE.orphan;
    const isOrphan = phase === PHASE.orphan;
    const change = Number(isOrphan) - Number(wasOrphan);
    this.#orphans[peer] = (this.#orphans[peer] as number) + change;
    this.#phase[feed] = phase;
    this.#dueAtMs[feed] = dueAtMs;
    this.#schedule(peer, dueAtMs);
  }

  #leave(stripe: number, slot: number): void {
    this.#world.network.sendControl(KIND.unsubscribe, slot, stripe, UNSUBSCRIBE_BYTES);
  }

  #turnAway(stripe: number, slot: number, forMs: number): void {
    const { wheel, random } = this.#world;
    this.refusedUntilMs[slot * this.#stripes + stripe] = wheel.nowMs + jittered(forMs, random);
  }

  /** Events of one moment are followed by one look, a little later. */
  #schedule(peer: number, dueAtMs: number): void {
    if (dueAtMs === NEVER) return;
    const { wheel } = this.#world;
    const atMs = Math.max(dueAtMs, wheel.nowMs + wheel.pauseMs);
    const timer = this.#timers[peer] as number;
    if (timer !== NO_TICK && timer <= wheel.tickOf(atMs)) return;
    this.#timers[peer] = wheel.push(atMs, packed(KIND.parentsTimer, peer), 0, 0);
  }
}
