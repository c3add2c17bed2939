import { type ChildRows, LASTING } from "./child-rows.ts";
import type { FlatChildWorth } from "./flat-child-worth.ts";
import type { FlatWorld } from "./flat-world.ts";

/** As in mesh/src/striped-push/children.ts, by the same names. */
const SLOT_TENURE_MS = 1500;
const SOURCE_TENANCY_MS = 8000;
const WORTH_REPLACING = { source: 2.2, viewer: 3.5, child: 1.6 };
const SILENT_MS = 1000;

const NONE = -1;
const ANY = Number.POSITIVE_INFINITY;

/** What a `subscribe` asks for. */
export type Wish = {
  isUrgent: boolean;
  /** Slot of the child that feeds the asker: the two could change places; -1 for none. */
  insteadOf: number;
};

/** Which of its children a peer lets go of, if any: for somebody else, or for want of upload. */
export class Replacement {
  readonly #world: FlatWorld;
  readonly #rows: ChildRows;
  readonly #worth: FlatChildWorth;

  constructor(world: FlatWorld, rows: ChildRows, worth: FlatChildWorth) {
    this.#world = world;
    this.#rows = rows;
    this.#worth = worth;
  }

  /** Slot of the tenant that makes room for the newcomer, if that is worth it; -1 for none. */
  instead(peer: number, stripe: number, newcomer: number, wish: Wish): number {
    const { plan, uplinks, links } = this.#world;
    const { isUrgent, insteadOf } = wish;
    const rows = this.#rows;
    const table = rows.table(peer, stripe);
    const uploadBps = uplinks.announcedBps[links.peer[newcomer] as number] as number;
    if (uploadBps < 2 * (plan.stripeRateBps[stripe] as number)) return NONE;
    const silent = isUrgent ? this.#silentOf(table) : NONE;
    if (silent !== NONE) return silent;
    const worth = this.#worth.inside(stripe, newcomer);
    const above = insteadOf === NONE ? NONE : rows.find(table, insteadOf);
    if (above !== NONE && this.#ageMs(above) >= SLOT_TENURE_MS) {
      if (worth >= WORTH_REPLACING.child * this.#worth.inside(stripe, insteadOf)) return insteadOf;
    }
    if (peer === 0) {
      const spread = worth / (rows.tenanciesOf(peer, newcomer) + 1);
      const limit = spread / WORTH_REPLACING.source;
      const age = { leastMs: SLOT_TENURE_MS, mostMs: SOURCE_TENANCY_MS };
      return this.#leastTenant(table, (slot) => this.#spread(peer, stripe, slot), limit, age);
    }
    const limit = isUrgent ? ANY : worth / WORTH_REPLACING.viewer;
    const age = { leastMs: SLOT_TENURE_MS, mostMs: ANY };
    return this.#leastTenant(table, (slot) => this.#worth.inside(stripe, slot), limit, age);
  }

  /** Slot of the tenant of a stripe of the source that is worth least. */
  leastCopy(peer: number, stripe: number): number {
    const table = this.#rows.table(peer, stripe);
    const age = { leastMs: 0, mostMs: ANY };
    return this.#leastTenant(table, (slot) => this.#spread(peer, stripe, slot), ANY, age);
  }

  /** Whose place is missed least where the uplink does not carry all; slot -1 where there are no tenants. */
  worstOf(peer: number): { stripe: number; slot: number } {
    const { nowMs } = this.#world.wheel;
    const rows = this.#rows;
    const worst = { stripe: 0, slot: NONE };
    let worstValue = Number.POSITIVE_INFINITY;
    for (let stripe = 0; stripe < this.#world.plan.stripes; stripe++) {
      const table = rows.table(peer, stripe);
      for (let row = rows.first(table); row < rows.end(table); row++) {
        if (rows.untilMs[row] !== LASTING) continue;
        const slot = rows.slots[row] as number;
        const value = this.#worth.ofUplink(slot) + (nowMs - (rows.sinceMs[row] as number));
        if (value >= worstValue) continue;
        worst.stripe = stripe;
        worst.slot = slot;
        worstValue = value;
      }
    }
    return worst;
  }

  /** What a child can give, per stripe it has from the source: the source spreads. */
  #spread(peer: number, stripe: number, slot: number): number {
    return this.#worth.inside(stripe, slot) / this.#rows.tenanciesOf(peer, slot);
  }

  /** Slot of a child that says nothing, -1 for none. */
  #silentOf(table: number): number {
    const { links, peers, wheel } = this.#world;
    const rows = this.#rows;
    for (let row = rows.first(table); row < rows.end(table); row++) {
      const slot = rows.slots[row] as number;
      const silentSinceMs = peers.leftAtMs[links.peer[slot] as number] as number;
      if (wheel.nowMs - silentSinceMs > SILENT_MS) return slot;
    }
    return NONE;
  }

  /** Slot of the tenant of least worth, of those this long there, if that is below the limit; -1 for none. */
  #leastTenant(
    table: number,
    worthOf: (slot: number) => number,
    limit: number,
    age: { leastMs: number; mostMs: number },
  ): number {
    const rows = this.#rows;
    let least = NONE;
    let leastWorth = limit;
    for (let row = rows.first(table); row < rows.end(table); row++) {
      if (rows.untilMs[row] !== LASTING) continue;
      const ageMs = this.#ageMs(row);
      if (ageMs < age.leastMs || ageMs > age.mostMs) continue;
      const worth = worthOf(rows.slots[row] as number);
      if (worth >= leastWorth) continue;
      least = rows.slots[row] as number;
      leastWorth = worth;
    }
    return least;
  }

  #ageMs(row: number): number {
    return this.#world.wheel.nowMs - (this.#rows.sinceMs[row] as number);
  }
}
