import type { PeerId } from "#protocol";
import type { Stripe } from "../stripe-table.ts";

const FOR_GOOD = Number.POSITIVE_INFINITY;

/** A child's place in one stripe. */
export type Slot = {
  sinceMs: number;
  /** It ends then; never for a tenant. */
  untilMs: number;
  /** A second copy for somebody in want, by the source. */
  isExtra: boolean;
  /** How often the child was asked to look for another parent. */
  notices: number;
};

/** Who has which stripe pushed from us. Tenants have it for good; the others are on their way out, or in. */
export class ChildSlots {
  /** Per stripe id. */
  readonly #slots: (Map<PeerId, Slot> | undefined)[] = [];

  has(stripe: Stripe, peer: PeerId): boolean {
    return this.#slots[stripe.id]?.has(peer) === true;
  }

  of(stripe: Stripe): ReadonlyMap<PeerId, Slot> {
    return this.#of(stripe);
  }

  tenants(stripe: Stripe): [PeerId, Slot][] {
    return [...this.#of(stripe)].filter(([, { untilMs }]) => untilMs === FOR_GOOD);
  }

  /** Places let for good, in all stripes. */
  get tenantCount(): number {
    const isTenant = ({ untilMs }: Slot) => untilMs === FOR_GOOD;
    return this.#slots.reduce((sum, slots) => {
      return sum + [...(slots?.values() ?? [])].filter(isTenant).length;
    }, 0);
  }

  /** Stripes a peer has from us, those that end included. */
  countOf(peer: PeerId): number {
    return this.#slots.filter((slots) => slots?.has(peer)).length;
  }

  /** Stripes a peer has from us for good. */
  tenanciesOf(peer: PeerId): number {
    return this.#slots.filter((slots) => slots?.get(peer)?.untilMs === FOR_GOOD).length;
  }

  /** A new tenant, or one that may stay after all. */
  let(stripe: Stripe, peer: PeerId, nowMs: number): void {
    const notices = this.#of(stripe).get(peer)?.notices ?? 0;
    this.#put(stripe, peer, { sinceMs: nowMs, untilMs: FOR_GOOD, isExtra: false, notices });
  }

  lend(stripe: Stripe, peer: PeerId, nowMs: number, forMs: number): void {
    const untilMs = nowMs + forMs;
    this.#put(stripe, peer, { sinceMs: nowMs, untilMs, isExtra: true, notices: 0 });
  }

  /** It is to look for another parent in this time. */
  giveNotice(stripe: Stripe, peer: PeerId, nowMs: number, forMs: number): void {
    const notices = (this.#of(stripe).get(peer)?.notices ?? 0) + 1;
    this.#put(stripe, peer, { sinceMs: nowMs, untilMs: nowMs + forMs, isExtra: false, notices });
  }

  /** @returns Whether there was one. */
  remove(stripe: Stripe, peer: PeerId): boolean {
    return this.#slots[stripe.id]?.delete(peer) === true;
  }

  /** When the next slot ends. */
  get nextEndMs(): number {
    let endMs = FOR_GOOD;
    for (const slots of this.#slots) {
      for (const { untilMs } of slots?.values() ?? []) endMs = Math.min(endMs, untilMs);
    }
    return endMs;
  }

  #put(stripe: Stripe, peer: PeerId, slot: Slot): void {
    this.#of(stripe).set(peer, slot);
  }

  #of(stripe: Stripe): Map<PeerId, Slot> {
    const slots = this.#slots[stripe.id] ?? new Map<PeerId, Slot>();
    this.#slots[stripe.id] = slots;
    return slots;
  }
}
