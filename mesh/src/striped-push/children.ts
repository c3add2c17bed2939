import { type PeerId, type RefusalReason, WIRE_LIMITS } from "#protocol";
import type { MeshContext } from "../context.ts";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import { type Stripe, wireStripe } from "../stripe-table.ts";

/** A child keeps its slot at least this long, in ms. Short, for the wrong ones come first: those who
 * move a moment after they came have hardly anybody below them. */
const SLOT_TENURE_MS = 1500;
/** An evicted child is fed on for this long at most, in ms, while it finds its new parent: longer by
 * the source, for everybody else may hang below such a child, and is no parent for it. */
const EVICTION_GRACE_MS = { seeder: 10_000, viewer: 4000 };
/** An extra copy for an orphan ends after this, in ms: by then the mesh must carry it. */
const URGENT_LEASE_MS = 8000;
/** Children of one stripe at most: they are served one after another, and beyond this the last wait
 * longer than another level of the tree takes. */
const FAN_OUT_MAX = 8;
/** Whoever takes another's slot must be worth this many times as much, if it can do without: the
 * capable belong above the weak, but every move costs those who hang below. */
const WORTH_REPLACING = { seeder: 2.2, viewer: 3.5 };
/** Uplinks beyond this many times the stream's rate do not make a better child. */
const UPLINK_ENOUGH = 5;
/** So many complaints make a child's declared uplink count half; they fade by this share a round of the
 * uplink's measurement, to half in about 17 s. */
const COMPLAINTS_HALVE = 3;
const COMPLAINTS_FADE = 0.99;
/** Children let go of at once, so that those below have somebody to turn to. */
const SHED_MAX = 4;
/** A child that says nothing for this long, in ms, while others are in want, has lost its place. */
const SILENT_MS = 1000;
/** How often the order of children is thought over, in ms. */
const ORDER_MS = 2000;

type Slot = { sinceMs: number; untilMs: number };
type Order = { peers: PeerId[]; madeAtMs: number };

/** Who gets which stripe pushed from us: as many as the uplink carries, the capable first. */
export class Children implements Part {
  readonly #context: MeshContext;
  /** Per stripe id. */
  readonly #slots: Map<PeerId, Slot>[] = [];
  readonly #orders: (Order | undefined)[] = [];
  /** How often others were in want of a stripe that this child had from us; fades. */
  readonly #complaints = new Map<PeerId, number>();
  #promisedBps = 0;
  dueAtMs = Number.POSITIVE_INFINITY;

  constructor(context: MeshContext) {
    this.#context = context;
  }

  isChild(stripe: Stripe, peer: PeerId): boolean {
    return this.#slots[stripe.id]?.has(peer) === true;
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
    const peers = [...this.#slotsOf(stripe).keys()].sort(
      (a, b) => rank(neighbors.get(a)) - rank(neighbors.get(b)),
    );
    this.#orders[stripe.id] = { peers, madeAtMs: nowMs };
    return peers;
  }

  stripesOf(peer: PeerId): number {
    let count = 0;
    for (const slots of this.#slots) if (slots?.has(peer)) count++;
    return count;
  }

  /** Answer a `subscribe`. `canFeed`: the stripe reaches us, and not through the one who asks. */
  subscribe(
    stripe: Stripe,
    from: Neighbor,
    { isUrgent, canFeed, route }: { isUrgent: boolean; canFeed: boolean; route: number[] },
  ): void {
    const slots = this.#slotsOf(stripe);
    const { nowMs, role, options } = this.#context;
    const accept = (untilMs = Number.POSITIVE_INFINITY) => {
      this.#put(stripe, from.peer, { sinceMs: nowMs, untilMs });
      this.#context.send(from.peer, { type: "accept", ...wireStripe(stripe), route });
    };
    if (!canFeed) return this.#refuse(stripe, from.peer, "loop");
    if (slots.has(from.peer)) return accept();
    const tenants = [...slots].filter(([, slot]) => slot.untilMs === Number.POSITIVE_INFINITY);
    const most = role === "seeder" ? options.seederCopies : FAN_OUT_MAX;
    const hasUpload = this.#hasUpload(stripe, isUrgent);
    if (isUrgent) for (const [peer] of tenants) this.#complain(peer);
    if (hasUpload && tenants.length < most) return accept();
    // One at a time: whoever moves needs a place, too.
    const mayEvict = slots.size === tenants.length;
    const evicted = mayEvict ? this.#whomToReplace(stripe, tenants, from, isUrgent) : undefined;
    if (evicted !== undefined) {
      accept();
      return this.#evict(stripe, evicted);
    }
    const isExtra = role === "seeder" && isUrgent && slots.size === tenants.length;
    if (isExtra && hasUpload) return accept(nowMs + URGENT_LEASE_MS);
    this.#refuse(stripe, from.peer, "full");
  }

  /** Tell the children of a stripe the way it now takes to us. */
  tellRoute(stripe: Stripe, route: number[]): void {
    for (const child of this.#slotsOf(stripe).keys()) {
      this.#context.send(child, { type: "route", ...wireStripe(stripe), route });
    }
  }

  unsubscribe(stripe: Stripe, peer: PeerId): void {
    this.#remove(stripe, peer);
  }

  /** The stripe reaches us no longer. */
  dismiss(stripe: Stripe): void {
    for (const peer of [...this.#slotsOf(stripe).keys()]) {
      this.#remove(stripe, peer);
      this.#refuse(stripe, peer, "full");
    }
  }

  neighborGone(peer: PeerId): void {
    this.#complaints.delete(peer);
    for (const stripe of this.#context.stripes.stripes) this.#remove(stripe, peer);
  }

  /** End leases that ran out; let go of whom the uplink does not carry. */
  housekeep(): void {
    const { nowMs } = this.#context;
    for (const stripe of this.#context.stripes.stripes) {
      for (const [peer, slot] of this.#slotsOf(stripe)) {
        if (slot.untilMs > nowMs) continue;
        this.#remove(stripe, peer);
        this.#refuse(stripe, peer, "full");
      }
    }
    this.#schedule();
  }

  /** The uplink carries less than was promised: some children have to look elsewhere. */
  shed(): void {
    this.#fadeComplaints();
    const { uplink, options } = this.#context;
    for (let i = 0; i < SHED_MAX; i++) {
      if (this.#settledBps() <= uplink.budgetBps * options.urgentShare) return;
      this.#shedOne();
    }
  }

  /** What is promised beyond notices already given. */
  #settledBps(): number {
    const { stripes } = this.#context;
    return stripes.stripes.reduce((sum, { id, track }) => {
      const slots = [...(this.#slots[id]?.values() ?? [])];
      const lasting = slots.filter(({ untilMs }) => untilMs === Number.POSITIVE_INFINITY);
      return sum + lasting.length * stripes.stripeRateBps(track);
    }, 0);
  }

  #shedOne(): void {
    const { nowMs } = this.#context;
    let worst: { stripe: Stripe; peer: PeerId } | undefined;
    let worstValue = Number.POSITIVE_INFINITY;
    for (const stripe of this.#context.stripes.stripes) {
      for (const [peer, slot] of this.#slotsOf(stripe)) {
        if (slot.untilMs !== Number.POSITIVE_INFINITY) continue;
        const value = this.#capacityOf(peer) + (nowMs - slot.sinceMs);
        if (value < worstValue) {
          worst = { stripe, peer };
          worstValue = value;
        }
      }
    }
    if (worst !== undefined) this.#evict(worst.stripe, worst.peer);
  }

  #evict(stripe: Stripe, peer: PeerId): void {
    const { nowMs, role } = this.#context;
    this.#put(stripe, peer, { sinceMs: nowMs, untilMs: nowMs + EVICTION_GRACE_MS[role] });
    this.#refuse(stripe, peer, "full");
  }

  /** The tenant worth least: by what it can give, per slot it has of the source. Of the source's
   * children only if the newcomer is worth clearly more. */
  #whomToReplace(
    stripe: Stripe,
    tenants: [PeerId, Slot][],
    newcomer: Neighbor,
    isUrgent: boolean,
  ): PeerId | undefined {
    const { nowMs, role, stripes } = this.#context;
    if (newcomer.uploadBps < 2 * stripes.stripeRateBps(stripe.track)) return undefined;
    const isSource = role === "seeder";
    const capacityBps = this.#capacityOf(newcomer.peer);
    let replaced: PeerId | undefined;
    let least = isSource
      ? capacityBps / (this.#lastingOf(newcomer.peer) + 1) / WORTH_REPLACING.seeder
      : isUrgent
        ? Number.POSITIVE_INFINITY
        : capacityBps / WORTH_REPLACING.viewer;
    for (const [peer, slot] of tenants) {
      const heardMs = this.#context.neighbors.get(peer)?.lastHeardMs ?? 0;
      if (isUrgent && nowMs - heardMs > SILENT_MS) return peer;
      if (nowMs - slot.sinceMs < SLOT_TENURE_MS) continue;
      const value = this.#capacityOf(peer) / (isSource ? this.#lastingOf(peer) : 1);
      if (value < least) {
        least = value;
        replaced = peer;
      }
    }
    return replaced;
  }

  /** Stripes a neighbor gets from us and will go on to get. */
  #lastingOf(peer: PeerId): number {
    let count = 0;
    for (const slots of this.#slots) {
      if (slots?.get(peer)?.untilMs === Number.POSITIVE_INFINITY) count++;
    }
    return count;
  }

  #capacityOf(peer: PeerId): number {
    const enoughBps = UPLINK_ENOUGH * this.#context.stripes.streamRateBps();
    const declaredBps = Math.min(enoughBps, this.#context.neighbors.get(peer)?.uploadBps ?? 0);
    return declaredBps / (1 + (this.#complaints.get(peer) ?? 0) / COMPLAINTS_HALVE);
  }

  /** Whoever declares much and passes nothing on leaves others in want: its word counts for less. */
  #complain(peer: PeerId): void {
    if (this.#context.role !== "seeder") return;
    this.#complaints.set(peer, (this.#complaints.get(peer) ?? 0) + 1);
  }

  #fadeComplaints(): void {
    for (const [peer, count] of this.#complaints) {
      if (count < 0.5) this.#complaints.delete(peer);
      else this.#complaints.set(peer, count * COMPLAINTS_FADE);
    }
  }

  #hasUpload(stripe: Stripe, isUrgent: boolean): boolean {
    const { options, stripes, uplink } = this.#context;
    const share = isUrgent ? options.urgentShare : options.pushShare;
    const budgetBps = uplink.budgetBps * share;
    return this.#promisedBps + stripes.stripeRateBps(stripe.track) <= budgetBps;
  }

  #refuse(stripe: Stripe, peer: PeerId, reason: RefusalReason): void {
    const { neighbors } = this.#context;
    const alternatives = this.of(stripe)
      .filter((child) => child !== peer && (neighbors.get(child)?.uploadBps ?? 0) > 0)
      .slice(0, WIRE_LIMITS.alternatives);
    this.#context.send(peer, { type: "refuse", ...wireStripe(stripe), reason, alternatives });
  }

  #put(stripe: Stripe, peer: PeerId, slot: Slot): void {
    this.#slotsOf(stripe).set(peer, slot);
    this.#changed(stripe);
  }

  #remove(stripe: Stripe, peer: PeerId): void {
    if (this.#slots[stripe.id]?.delete(peer)) this.#changed(stripe);
  }

  #changed(stripe: Stripe): void {
    this.#orders[stripe.id] = undefined;
    const { stripes } = this.#context;
    this.#promisedBps = stripes.stripes.reduce(
      (sum, { id, track }) => sum + (this.#slots[id]?.size ?? 0) * stripes.stripeRateBps(track),
      0,
    );
    this.#schedule();
  }

  #schedule(): void {
    this.dueAtMs = Number.POSITIVE_INFINITY;
    for (const slots of this.#slots) {
      for (const slot of slots?.values() ?? []) {
        this.dueAtMs = Math.min(this.dueAtMs, slot.untilMs);
      }
    }
  }

  #slotsOf(stripe: Stripe): Map<PeerId, Slot> {
    const slots = this.#slots[stripe.id] ?? new Map<PeerId, Slot>();
    this.#slots[stripe.id] = slots;
    return slots;
  }
}

function rank(neighbor: Neighbor | undefined): number {
  if (neighbor === undefined) return Number.POSITIVE_INFINITY;
  return (neighbor.rttMs ?? 100) - (20 * neighbor.uploadBps) / 1e6;
}
