import { type PeerId, type RefusalReason, WIRE_LIMITS } from "#protocol";
import type { MeshContext } from "../context.ts";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import { type Stripe, wireStripe } from "../stripe-table.ts";
import { ChildSlots, type Slot } from "./child-slots.ts";
import { ChildWorth } from "./child-worth.ts";
import { isStrong, isWeak } from "./interior.ts";

/** A child keeps its slot at least this long, in ms. Short, for the wrong ones come first: those who
 * move a moment after they came have hardly anybody below them. */
const SLOT_TENURE_MS = 1500;
/** Whoever has had a stripe from the source for this long, in ms, has too much of the swarm below it to be
 * replaced by somebody from elsewhere. */
const SOURCE_TENANCY_MS = 8000;
/** An evicted child is fed on for this long, in ms, while it finds its new parent: longer by the source,
 * for everybody else may hang below such a child, and is no parent for it. */
const NOTICE_MS = { seeder: 8000, viewer: 4000 };
/** Whom others complain of may be asked so many times by the source before it has to go. */
const NOTICES_MAX = 2;
/** After this, in ms, of the two copies of a stripe that an orphan was given one goes: by then the mesh
 * must carry it. */
const EXTRA_MS = 8000;
/** Whoever takes another's slot must be worth this many times as much, if it can do without. Every
 * move costs those below, but least where child and grandchild change places. */
const WORTH_REPLACING = { source: 2.2, viewer: 3.5, child: 1.6 };
/** Of what a weak uplink carries so much stays promised: a block takes it long, and those behind it wait. */
const WEAK_SHARE = 0.6;
/** Children let go of at once, so that those below have somebody to turn to. */
const SHED_MAX = 4;
/** A child that says nothing for this long, in ms, while others are in want, has lost its place. */
const SILENT_MS = 1000;
/** How often the order of children is thought over, in ms. */
const ORDER_MS = 2000;

type Order = { peers: PeerId[]; madeAtMs: number };

/** What a `subscribe` asks for, and whether we could give it. */
export type Wish = {
  isUrgent: boolean;
  /** Our child that feeds the asker: the two could change places. */
  insteadOf: PeerId | undefined;
  /** The stripe reaches us, and not through the one who asks. */
  canFeed: boolean;
  /** The way of the stripe to us. */
  route: PeerId[];
};

/** Who gets which stripe pushed from us: as many as the uplink carries, the capable first. */
export class Children implements Part {
  readonly #context: MeshContext;
  readonly #slots = new ChildSlots();
  readonly #worth: ChildWorth;
  readonly #orders: (Order | undefined)[] = [];
  #promisedBps = 0;
  dueAtMs = Number.POSITIVE_INFINITY;

  constructor(context: MeshContext) {
    this.#context = context;
    this.#worth = new ChildWorth(context);
  }

  isChild(stripe: Stripe, peer: PeerId): boolean {
    return this.#slots.has(stripe, peer);
  }

  /** Bit/s that children may count on. */
  get promisedBps(): number {
    return this.#promisedBps;
  }

  /** Whom to push to, the most capable first: it relays while the others still wait. */
  of(stripe: Stripe): readonly PeerId[] {
    const { nowMs, neighbors } = this.#context;
    const known = this.#orders[stripe.id];
    if (known !== undefined && nowMs - known.madeAtMs < ORDER_MS) return known.peers;
    const peers = [...this.#slots.of(stripe).keys()].sort(
      (a, b) => rank(neighbors.get(a)) - rank(neighbors.get(b)),
    );
    this.#orders[stripe.id] = { peers, madeAtMs: nowMs };
    return peers;
  }

  stripesOf(peer: PeerId): number {
    return this.#slots.countOf(peer);
  }

  /** Answer a `subscribe`. */
  subscribe(stripe: Stripe, from: Neighbor, wish: Wish): void {
    const { nowMs, role, options } = this.#context;
    const { isUrgent, canFeed, route } = wish;
    if (!canFeed) return this.#refuse(stripe, from.peer, "loop");
    if (this.#slots.has(stripe, from.peer)) return this.#accept(stripe, from.peer, route);
    const tenants = this.#slots.tenants(stripe);
    const most = role === "seeder" ? options.seederCopies : options.fanOut;
    const hasUpload = this.#hasUpload(stripe, isUrgent);
    if (isUrgent) for (const [peer] of tenants) this.#worth.complain(peer);
    if (hasUpload && tenants.length < most) return this.#accept(stripe, from.peer, route);
    // One at a time: whoever moves needs a place, too.
    const isAnyMoving = this.#slots.of(stripe).size > tenants.length;
    const isWasted = tenants.some(([peer]) => this.#givesNothing(stripe, peer));
    const replaced =
      isAnyMoving && !isWasted ? undefined : this.#whomToReplace(stripe, tenants, from, wish);
    if (replaced !== undefined) {
      this.#accept(stripe, from.peer, route);
      return this.#evict(stripe, replaced);
    }
    if (role !== "seeder" || !isUrgent || !hasUpload || isAnyMoving) {
      return this.#refuse(stripe, from.peer, "full");
    }
    this.#slots.lend(stripe, from.peer, nowMs, EXTRA_MS);
    this.#changed(stripe);
    this.#tellAccepted(stripe, from.peer, route);
  }

  /** Tell the children of a stripe the way it now takes to us. */
  tellRoute(stripe: Stripe, route: PeerId[]): void {
    for (const child of this.#slots.of(stripe).keys()) {
      this.#context.send(child, { type: "route", ...wireStripe(stripe), route });
    }
  }

  unsubscribe(stripe: Stripe, peer: PeerId): void {
    this.#remove(stripe, peer);
  }

  /** The stripe reaches us no longer. */
  dismiss(stripe: Stripe): void {
    for (const peer of [...this.#slots.of(stripe).keys()]) this.#letGo(stripe, peer);
  }

  neighborGone(peer: PeerId): void {
    this.#worth.forget(peer);
    for (const stripe of this.#context.stripes.stripes) this.#remove(stripe, peer);
  }

  /** Slots that ran out. */
  housekeep(): void {
    const { nowMs, role } = this.#context;
    for (const stripe of this.#context.stripes.stripes) {
      for (const [peer, slot] of [...this.#slots.of(stripe)]) {
        if (slot.untilMs > nowMs) continue;
        if (slot.isExtra) this.#endExtra(stripe, peer);
        else if (role === "seeder" && !this.#isHoldingOn(peer, slot)) this.#askOther(stripe, peer);
        else this.#letGo(stripe, peer);
      }
    }
    this.#schedule();
  }

  /** The uplink carries less than was promised: some children have to look elsewhere. */
  shed(): void {
    this.#worth.fade();
    const { uplink, options } = this.#context;
    const share = isWeak(uplink.budgetBps, this.#context) ? WEAK_SHARE : options.urgentShare;
    for (let i = 0; i < SHED_MAX; i++) {
      const settledBps = this.#settledBps();
      // Whoever limits its upload that far still carries one child, which was let in because it was in need.
      const isLimited = isWeak(options.uploadLimitBps, this.#context);
      const isOnly = isLimited && this.#slots.tenantCount <= 1;
      if (settledBps <= uplink.budgetBps * (isOnly ? options.urgentShare : share)) return;
      this.#shedOne();
    }
  }

  /** Of two copies of a stripe the one that is worth less is to become part of the other's tree. */
  #endExtra(stripe: Stripe, extra: PeerId): void {
    this.#slots.let(stripe, extra, this.#context.nowMs);
    const copies = this.#slots.tenants(stripe).map(([peer]) => peer);
    const worth = (peer: PeerId) =>
      this.#worth.inside(stripe, peer) / Math.max(1, this.#slots.tenanciesOf(peer));
    const [least] = copies.sort((a, b) => worth(a) - worth(b));
    if (least !== undefined && copies.length > 1) this.#evict(stripe, least);
  }

  /** A child of the source found no other parent, for the swarm hangs below it: it may stay, and the
   * other one that has the stripe is asked to look for one. */
  #askOther(stripe: Stripe, peer: PeerId): void {
    this.#slots.let(stripe, peer, this.#context.nowMs);
    this.#tellAccepted(stripe, peer, []);
    const other = [...this.#slots.of(stripe).keys()].find((child) => child !== peer);
    if (other !== undefined) this.#evict(stripe, other);
  }

  /** Free riders do not go because they are asked to. */
  #isHoldingOn(peer: PeerId, { notices }: Slot): boolean {
    return notices >= NOTICES_MAX && this.#worth.isDoubted(peer);
  }

  /** What is promised beyond notices already given. */
  #settledBps(): number {
    const { stripes } = this.#context;
    return stripes.stripes.reduce(
      (sum, stripe) =>
        sum + this.#slots.tenants(stripe).length * stripes.stripeRateBps(stripe.track),
      0,
    );
  }

  #shedOne(): void {
    const { nowMs } = this.#context;
    let worst: { stripe: Stripe; peer: PeerId } | undefined;
    let worstValue = Number.POSITIVE_INFINITY;
    for (const stripe of this.#context.stripes.stripes) {
      for (const [peer, slot] of this.#slots.tenants(stripe)) {
        const value = this.#worth.ofUplink(peer) + (nowMs - slot.sinceMs);
        if (value >= worstValue) continue;
        worst = { stripe, peer };
        worstValue = value;
      }
    }
    if (worst !== undefined) this.#evict(worst.stripe, worst.peer);
  }

  #evict(stripe: Stripe, peer: PeerId): void {
    const { nowMs, role } = this.#context;
    this.#slots.giveNotice(stripe, peer, nowMs, NOTICE_MS[role]);
    this.#changed(stripe);
    this.#refuse(stripe, peer, "full");
  }

  /** Who makes room for the newcomer, if it is worth that. */
  #whomToReplace(
    stripe: Stripe,
    tenants: [PeerId, Slot][],
    newcomer: Neighbor,
    { isUrgent, insteadOf }: Wish,
  ): PeerId | undefined {
    const { nowMs, role, stripes, neighbors } = this.#context;
    if (newcomer.uploadBps < 2 * stripes.stripeRateBps(stripe.track)) return undefined;
    const isSettled = ([, { sinceMs }]: [PeerId, Slot]) => nowMs - sinceMs >= SLOT_TENURE_MS;
    const isSilent = ([peer]: [PeerId, Slot]) =>
      nowMs - (neighbors.get(peer)?.lastHeardMs ?? 0) > SILENT_MS;
    const silent = isUrgent ? tenants.find(isSilent) : undefined;
    if (silent !== undefined) return silent[0];
    const settled = tenants.filter(isSettled);
    const above = settled.find(([peer]) => peer === insteadOf)?.[0];
    if (role === "seeder") {
      if (above !== undefined && this.#isTooWeak(above, newcomer)) return above;
      return this.#sourceChildToReplace(stripe, settled, newcomer.peer);
    }
    const worth = this.#worth.inside(stripe, newcomer.peer);
    if (above !== undefined) {
      if (worth >= WORTH_REPLACING.child * this.#worth.inside(stripe, above)) return above;
    }
    const limit = isUrgent ? Number.POSITIVE_INFINITY : worth / WORTH_REPLACING.viewer;
    return leastOf(settled, (peer) => this.#worth.inside(stripe, peer), limit);
  }

  /** Whom most of the swarm hangs below is not moved on somebody else's word, but on its own: where a root says
   * that its uplink is weak, a strong child of it is better there. */
  #isTooWeak(root: PeerId, child: Neighbor): boolean {
    const { neighbors } = this.#context;
    const isRootWeak = isWeak(neighbors.get(root)?.uploadBps ?? 0, this.#context);
    return isRootWeak && isStrong(child.uploadBps, this.#context);
  }

  /** By what each can give, per stripe it has from the source: the source spreads. */
  #sourceChildToReplace(
    stripe: Stripe,
    tenants: [PeerId, Slot][],
    newcomer: PeerId,
  ): PeerId | undefined {
    const { nowMs } = this.#context;
    const fresh = tenants.filter(
      ([peer, { sinceMs }]) =>
        nowMs - sinceMs <= SOURCE_TENANCY_MS || this.#givesNothing(stripe, peer),
    );
    const worth = this.#worth.inside(stripe, newcomer) / (this.#slots.tenanciesOf(newcomer) + 1);
    const worthOf = (peer: PeerId) =>
      this.#worth.inside(stripe, peer) / this.#slots.tenanciesOf(peer);
    return leastOf(fresh, worthOf, worth / WORTH_REPLACING.source);
  }

  /** Nobody hangs below it: it cannot send to a single child. */
  #givesNothing(stripe: Stripe, peer: PeerId): boolean {
    const { neighbors, stripes } = this.#context;
    return (neighbors.get(peer)?.uploadBps ?? 0) < stripes.stripeRateBps(stripe.track);
  }

  #hasUpload(stripe: Stripe, isUrgent: boolean): boolean {
    const { options, stripes, uplink } = this.#context;
    const share = isUrgent ? options.urgentShare : options.pushShare;
    const budgetBps = uplink.budgetBps * share;
    return this.#promisedBps + stripes.stripeRateBps(stripe.track) <= budgetBps;
  }

  #accept(stripe: Stripe, peer: PeerId, route: PeerId[]): void {
    this.#slots.let(stripe, peer, this.#context.nowMs);
    this.#changed(stripe);
    this.#tellAccepted(stripe, peer, route);
  }

  #tellAccepted(stripe: Stripe, peer: PeerId, route: PeerId[]): void {
    this.#context.send(peer, { type: "accept", ...wireStripe(stripe), route });
  }

  #letGo(stripe: Stripe, peer: PeerId): void {
    this.#remove(stripe, peer);
    this.#refuse(stripe, peer, "full");
  }

  #refuse(stripe: Stripe, peer: PeerId, reason: RefusalReason): void {
    const { neighbors } = this.#context;
    const alternatives = this.of(stripe)
      .filter((child) => child !== peer && (neighbors.get(child)?.uploadBps ?? 0) > 0)
      .slice(0, WIRE_LIMITS.alternatives);
    this.#context.send(peer, { type: "refuse", ...wireStripe(stripe), reason, alternatives });
  }

  #remove(stripe: Stripe, peer: PeerId): void {
    if (this.#slots.remove(stripe, peer)) this.#changed(stripe);
  }

  #changed(stripe: Stripe): void {
    this.#orders[stripe.id] = undefined;
    const { stripes } = this.#context;
    this.#promisedBps = stripes.stripes.reduce(
      (sum, each) => sum + this.#slots.of(each).size * stripes.stripeRateBps(each.track),
      0,
    );
    this.#schedule();
  }

  #schedule(): void {
    this.dueAtMs = this.#slots.nextEndMs;
  }
}

/** The one of least worth, if that is below the limit. */
function leastOf(
  tenants: readonly [PeerId, Slot][],
  worthOf: (peer: PeerId) => number,
  limit: number,
): PeerId | undefined {
  let least: PeerId | undefined;
  let leastWorth = limit;
  for (const [peer] of tenants) {
    const worth = worthOf(peer);
    if (worth >= leastWorth) continue;
    least = peer;
    leastWorth = worth;
  }
  return least;
}

function rank(neighbor: Neighbor | undefined): number {
  if (neighbor === undefined) return Number.POSITIVE_INFINITY;
  return (neighbor.rttMs ?? 100) - (20 * neighbor.uploadBps) / 1e6;
}
