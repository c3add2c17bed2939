import { type PeerId, type RefusalReason, WIRE_LIMITS } from "#protocol";
import type { MeshContext } from "./context.ts";
import type { Neighbor } from "./neighbor.ts";
import { wireStripe } from "./parents.ts";
import type { Stripe } from "./stripe-table.ts";

/** A child keeps a seeder slot at least this long, in ms, so that trees can grow below it. */
const SLOT_TENURE_MS = 3000;
/** An evicted child is fed on for this long, in ms, while it finds its new parent. */
const EVICTION_GRACE_MS = 1000;
/** An extra copy for an orphan ends after this, in ms: by then the mesh must carry it. */
const URGENT_LEASE_MS = 8000;

type Slot = { sinceMs: number; untilMs: number };

/** Who gets which stripe pushed from us: as many as the upload carries; the seeder spreads wide. */
export class Children {
  readonly #context: MeshContext;
  /** Per stripe id. */
  readonly #slots: Map<PeerId, Slot>[] = [];

  constructor(context: MeshContext) {
    this.#context = context;
  }

  isChild(stripe: Stripe, peer: PeerId): boolean {
    return this.#slots[stripe.id]?.has(peer) === true;
  }

  /** Whom to push to, the best connected first: it relays while the others still wait. */
  of(stripe: Stripe): PeerId[] {
    const { neighbors } = this.#context;
    return [...this.#slotsOf(stripe).keys()].sort(
      (a, b) => rank(neighbors.get(a)) - rank(neighbors.get(b)),
    );
  }

  stripesOf(peer: PeerId): number {
    return this.#slots.filter((slots) => slots.has(peer)).length;
  }

  /** Answer a `subscribe`. `canFeed`: the stripe reaches us, and not through the one who asks. */
  subscribe(
    stripe: Stripe,
    from: Neighbor,
    { isUrgent, canFeed, route }: { isUrgent: boolean; canFeed: boolean; route: number[] },
  ): void {
    const slots = this.#slotsOf(stripe);
    const { nowMs } = this.#context;
    const accept = (untilMs = Number.POSITIVE_INFINITY) => {
      slots.set(from.peer, { sinceMs: nowMs, untilMs });
      this.#context.send(from.peer, { type: "accept", ...wireStripe(stripe), route });
    };
    if (!canFeed) return this.#refuse(stripe, from.peer, "loop");
    if (slots.has(from.peer)) return accept();
    if (!this.#hasUpload(stripe)) return this.#refuse(stripe, from.peer, "full");
    if (this.#context.role !== "seeder") return accept();

    const tenants = [...slots].filter(([, slot]) => slot.untilMs === Number.POSITIVE_INFINITY);
    if (tenants.length < this.#context.options.seederCopies) return accept();
    const evicted = this.#whomToReplace(stripe, tenants, from);
    if (evicted !== undefined) {
      accept();
      slots.set(evicted, { sinceMs: nowMs, untilMs: nowMs + EVICTION_GRACE_MS });
      return this.#refuse(stripe, evicted, "full");
    }
    if (isUrgent && slots.size === tenants.length) return accept(nowMs + URGENT_LEASE_MS);
    this.#refuse(stripe, from.peer, "full");
  }

  /** Tell the children of a stripe the way it now takes to us. */
  tellRoute(stripe: Stripe, route: number[]): void {
    for (const child of this.#slotsOf(stripe).keys()) {
      this.#context.send(child, { type: "route", ...wireStripe(stripe), route });
    }
  }

  unsubscribe(stripe: Stripe, peer: PeerId): void {
    this.#slots[stripe.id]?.delete(peer);
  }

  neighborGone(peer: PeerId): void {
    for (const slots of this.#slots) slots?.delete(peer);
  }

  /** End leases that ran out. */
  housekeep(): void {
    const { nowMs } = this.#context;
    for (const stripe of this.#context.stripes.stripes) {
      for (const [peer, slot] of this.#slotsOf(stripe)) {
        if (slot.untilMs > nowMs) continue;
        this.#slotsOf(stripe).delete(peer);
        // Evicted children know already; lease holders learn it here.
        if (nowMs - slot.sinceMs > EVICTION_GRACE_MS) this.#refuse(stripe, peer, "full");
      }
    }
  }

  wakeAtMs(): number {
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const slots of this.#slots) {
      for (const slot of slots?.values() ?? []) wakeAtMs = Math.min(wakeAtMs, slot.untilMs);
    }
    return wakeAtMs;
  }

  /** A tenant with two slots more than the newcomer, or one too weak to pass the stripe on. */
  #whomToReplace(
    stripe: Stripe,
    tenants: [PeerId, Slot][],
    newcomer: Neighbor,
  ): PeerId | undefined {
    const { nowMs, neighbors } = this.#context;
    if (!this.#canRelay(stripe, newcomer)) return undefined;
    const newcomerSlots = this.stripesOf(newcomer.peer);
    let replaced: PeerId | undefined;
    let mostSlots = 0;
    for (const [peer, slot] of tenants) {
      if (nowMs - slot.sinceMs < SLOT_TENURE_MS) continue;
      const tenant = neighbors.get(peer);
      const isWeak = tenant === undefined || !this.#canRelay(stripe, tenant);
      const slots = isWeak ? Number.POSITIVE_INFINITY : this.stripesOf(peer);
      if (slots >= newcomerSlots + 2 && slots > mostSlots) {
        mostSlots = slots;
        replaced = peer;
      }
    }
    return replaced;
  }

  #canRelay(stripe: Stripe, neighbor: Neighbor): boolean {
    return neighbor.uploadBps >= 2 * this.#context.stripes.stripeRateBps(stripe.track);
  }

  #hasUpload(stripe: Stripe): boolean {
    const { options, stripes } = this.#context;
    const promisedBps = stripes.stripes.reduce(
      (sum, { id, track }) => sum + (this.#slots[id]?.size ?? 0) * stripes.stripeRateBps(track),
      0,
    );
    const budgetBps = options.uploadLimitBps * options.pushShare;
    return promisedBps + stripes.stripeRateBps(stripe.track) <= budgetBps;
  }

  #refuse(stripe: Stripe, peer: PeerId, reason: RefusalReason): void {
    const { neighbors } = this.#context;
    const alternatives = this.of(stripe)
      .filter((child) => child !== peer && (neighbors.get(child)?.uploadBps ?? 0) > 0)
      .slice(0, WIRE_LIMITS.alternatives);
    this.#context.send(peer, { type: "refuse", ...wireStripe(stripe), reason, alternatives });
  }

  #slotsOf(stripe: Stripe): Map<PeerId, Slot> {
    const slots = this.#slots[stripe.id] ?? new Map<PeerId, Slot>();
    this.#slots[stripe.id] = slots;
    return slots;
  }
}

function rank(neighbor: Neighbor | undefined): number {
  if (neighbor === undefined) return Number.POSITIVE_INFINITY;
  return (neighbor.rttMs ?? 100) - neighbor.uploadBps / 1e6;
}
