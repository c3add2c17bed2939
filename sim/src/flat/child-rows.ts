import type { FlatWorld } from "./flat-world.ts";

/** Tenants of a stripe, and those who are on their way out, or in. */
const ROWS = 12;
/** When a tenant's place ends. */
export const LASTING = Number.POSITIVE_INFINITY;

type Terms = { untilMs: number; isExtra: boolean; notices: number };

/**
 * Who has which stripe pushed from whom, and on what terms: mesh/src/striped-push/child-slots.ts for all peers. A
 * table is a peer and a stripe; its rows are in the order in which children are served.
 */
export class ChildRows {
  readonly slots: Int32Array;
  readonly sinceMs: Float32Array;
  readonly untilMs: Float32Array;
  /** A second copy for somebody in want, by the source. */
  readonly isExtra: Uint8Array;
  /** How often the child was asked to look for another parent. */
  readonly notices: Uint8Array;
  /** What children may count on in all, by peer, in bit/s. */
  readonly promisedBps: Float64Array;
  readonly #world: FlatWorld;
  readonly #stripes: number;
  readonly #counts: Uint8Array;
  /** Places that end, by peer: most peers need not be looked through. */
  readonly #endings: Uint8Array;

  constructor(world: FlatWorld) {
    const tables = world.peers.capacity * world.plan.stripes;
    this.#world = world;
    this.#stripes = world.plan.stripes;
    this.slots = new Int32Array(tables * ROWS);
    this.sinceMs = new Float32Array(tables * ROWS);
    this.untilMs = new Float32Array(tables * ROWS);
    this.isExtra = new Uint8Array(tables * ROWS);
    this.notices = new Uint8Array(tables * ROWS);
    this.promisedBps = new Float64Array(world.peers.capacity);
    this.#counts = new Uint8Array(tables);
    this.#endings = new Uint8Array(world.peers.capacity);
  }

  table(peer: number, stripe: number): number {
    return peer * this.#stripes + stripe;
  }

  count(table: number): number {
    return this.#counts[table] as number;
  }

  first(table: number): number {
    return table * ROWS;
  }

  end(table: number): number {
    return table * ROWS + (this.#counts[table] as number);
  }

  hasRoom(table: number): boolean {
    return (this.#counts[table] as number) < ROWS;
  }

  /** Row of a child, -1 if it is none. */
  find(table: number, slot: number): number {
    const end = this.end(table);
    for (let row = table * ROWS; row < end; row++) if (this.slots[row] === slot) return row;
    return -1;
  }

  tenants(table: number): number {
    const end = this.end(table);
    let count = 0;
    for (let row = table * ROWS; row < end; row++) if (this.untilMs[row] === LASTING) count++;
    return count;
  }

  /** Stripes that a child has from a peer for good. */
  tenanciesOf(peer: number, slot: number): number {
    let count = 0;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const row = this.find(this.table(peer, stripe), slot);
      if (row >= 0 && this.untilMs[row] === LASTING) count++;
    }
    return count;
  }

  hasEndings(peer: number): boolean {
    return (this.#endings[peer] as number) > 0;
  }

  /** A new tenant, or one that may stay after all. */
  let(peer: number, stripe: number, slot: number): void {
    const notices = this.#noticesOf(peer, stripe, slot);
    this.#put(peer, stripe, slot, { untilMs: LASTING, isExtra: false, notices });
  }

  lend(peer: number, stripe: number, slot: number, forMs: number): void {
    const untilMs = this.#world.wheel.nowMs + forMs;
    this.#put(peer, stripe, slot, { untilMs, isExtra: true, notices: 0 });
  }

  /** It is to look for another parent in this time. */
  giveNotice(peer: number, stripe: number, slot: number, forMs: number): void {
    const untilMs = this.#world.wheel.nowMs + forMs;
    const notices = this.#noticesOf(peer, stripe, slot) + 1;
    this.#put(peer, stripe, slot, { untilMs, isExtra: false, notices });
  }

  remove(peer: number, stripe: number, slot: number): void {
    const table = this.table(peer, stripe);
    const row = this.find(table, slot);
    if (row < 0) return;
    this.#account(peer, stripe, this.untilMs[row] as number, -1);
    const last = this.end(table) - 1;
    for (let at = row; at < last; at++) this.#move(at + 1, at);
    this.#counts[table] = (this.#counts[table] as number) - 1;
  }

  #noticesOf(peer: number, stripe: number, slot: number): number {
    const row = this.find(this.table(peer, stripe), slot);
    return row < 0 ? 0 : (this.notices[row] as number);
  }

  /** A child, or other terms for it; the most capable and nearest are served first. */
  #put(peer: number, stripe: number, slot: number, terms: Terms): void {
    this.remove(peer, stripe, slot);
    const table = this.table(peer, stripe);
    const rank = this.#rank(slot);
    let row = this.end(table);
    for (; row > table * ROWS && this.#rank(this.slots[row - 1] as number) > rank; row--) {
      this.#move(row - 1, row);
    }
    this.slots[row] = slot;
    this.sinceMs[row] = this.#world.wheel.nowMs;
    this.untilMs[row] = terms.untilMs;
    this.isExtra[row] = terms.isExtra ? 1 : 0;
    this.notices[row] = terms.notices;
    this.#counts[table] = (this.#counts[table] as number) + 1;
    this.#account(peer, stripe, terms.untilMs, 1);
  }

  #account(peer: number, stripe: number, untilMs: number, change: 1 | -1): void {
    if (untilMs !== LASTING) this.#endings[peer] = (this.#endings[peer] as number) + change;
    const stripeBps = this.#world.plan.stripeRateBps[stripe] as number;
    this.promisedBps[peer] = (this.promisedBps[peer] as number) + change * stripeBps;
  }

  #move(from: number, to: number): void {
    this.slots[to] = this.slots[from] as number;
    this.sinceMs[to] = this.sinceMs[from] as number;
    this.untilMs[to] = this.untilMs[from] as number;
    this.isExtra[to] = this.isExtra[from] as number;
    this.notices[to] = this.notices[from] as number;
  }

  #rank(slot: number): number {
    const { links, uplinks } = this.#world;
    const uploadBps = uplinks.announcedBps[links.peer[slot] as number] as number;
    return (links.roundTripMs[slot] as number) - (20 * uploadBps) / 1e6;
  }
}
