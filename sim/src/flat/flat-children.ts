import { KIND } from "./events.ts";
import { type FlatWorld, optionsOf } from "./flat-world.ts";
import { sequenceOf } from "./stream-plan.ts";

/** As in mesh/src/striped-push/children.ts, by the same names. */
const SLOT_TENURE_MS = 1500;
const EVICTION_GRACE_MS = { seeder: 10_000, viewer: 4000 };
const URGENT_LEASE_MS = 8000;
const FAN_OUT_MAX = 8;
const WORTH_REPLACING = { seeder: 2.2, viewer: 3.5 };
const UPLINK_ENOUGH = 5;
const SHED_MAX = 4;
const COMPLAINTS_HALVE = 3;
const COMPLAINTS_FADE = 0.99;
const SILENT_MS = 1000;

/** Tenants of a stripe, and those whose leases run out. */
const ROWS = 12;
/** Nobody has told of a block this young, in ms: looking it up at each child would be dear. */
const FRESH_MS = 500;
const LASTING = Number.POSITIVE_INFINITY;
/** Sizes of these messages, routes and alternatives included, in bytes: a few of each. */
const ACCEPT_BYTES = 16;
const REFUSE_BYTES = 60;

/** Why a `subscribe` was refused. */
export const REFUSAL = { full: 0, loop: 1 } as const;

/** Who gets which stripe pushed from whom: mesh/src/striped-push/children.ts for all peers. */
export class FlatChildren {
  readonly promisedBps: Float64Array;
  readonly #world: FlatWorld;
  readonly #stripes: number;
  /** Per peer and stripe: how many children, then their rows, the first to be served first. */
  readonly #counts: Uint8Array;
  readonly #slots: Int32Array;
  readonly #sinceMs: Float32Array;
  readonly #untilMs: Float32Array;
  /** Stripe of each row is known by its place; leases per peer, so that most need not be looked through. */
  readonly #leases: Uint8Array;
  /** How often others were in want of what the source's child in this slot had from it; fades. */
  readonly #complaints: Float32Array;

  constructor(world: FlatWorld) {
    const tables = world.peers.capacity * world.plan.stripes;
    this.#world = world;
    this.#stripes = world.plan.stripes;
    this.promisedBps = new Float64Array(world.peers.capacity);
    this.#counts = new Uint8Array(tables);
    this.#slots = new Int32Array(tables * ROWS);
    this.#sinceMs = new Float32Array(tables * ROWS);
    this.#untilMs = new Float32Array(tables * ROWS);
    this.#leases = new Uint8Array(world.peers.capacity);
    this.#complaints = new Float32Array(world.links.end(0));
  }

  count(peer: number, stripe: number): number {
    return this.#counts[peer * this.#stripes + stripe] as number;
  }

  /** Slot of the nth child to be served. */
  nth(peer: number, stripe: number, n: number): number {
    return this.#slots[(peer * this.#stripes + stripe) * ROWS + n] as number;
  }

  isChild(peer: number, stripe: number, slot: number): boolean {
    return this.#row(peer * this.#stripes + stripe, slot) >= 0;
  }

  isChildOfAny(peer: number, slot: number): boolean {
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      if (this.isChild(peer, stripe, slot)) return true;
    }
    return false;
  }

  /** Pass a block on to the children of its stripe that are not known to have it. */
  relay(peer: number, key: number, from: number): void {
    const { plan, uploads, holdings, links, cancels, wheel } = this.#world;
    const first = links.first(peer);
    const isFresh = wheel.nowMs - plan.publishedAtMs(sequenceOf(key)) < FRESH_MS;
    const table = peer * this.#stripes + plan.stripeOf(key);
    const end = table * ROWS + (this.#counts[table] as number);
    for (let row = table * ROWS; row < end; row++) {
      const slot = this.#slots[row] as number;
      if (slot === from || cancels.has(peer, slot - first, key)) continue;
      const child = links.peer[slot] as number;
      if (!isFresh && holdings.hasTold(child, key, links.sinceMs[slot] as number)) continue;
      uploads.push(peer, slot, key);
    }
  }

  /** Answer a `subscribe`. @returns Whether the neighbor is a child now. */
  subscribe(peer: number, stripe: number, slot: number, isUrgent: boolean): boolean {
    const { links, parents, wheel } = this.#world;
    const table = peer * this.#stripes + stripe;
    const accept = (untilMs = LASTING) => {
      this.#put(peer, table, slot, untilMs);
      this.#world.network.sendControl(KIND.accept, slot, stripe, ACCEPT_BYTES);
      return true;
    };
    if (!parents.canFeed(peer, stripe, links.peer[slot] as number)) {
      return this.#refuse(slot, stripe, REFUSAL.loop);
    }
    if (this.#row(table, slot) >= 0) return accept();
    const count = this.#counts[table] as number;
    const tenants = this.#tenants(table);
    const isSeeder = peer === 0;
    const most = isSeeder ? this.#world.seederOptions.seederCopies : FAN_OUT_MAX;
    const hasUpload = this.#hasUpload(peer, stripe, isUrgent);
    if (isSeeder && isUrgent) this.#complain(table);
    if (hasUpload && tenants < most && count < ROWS) return accept();
    const mayEvict = count === tenants;
    const evicted = mayEvict ? this.#whomToReplace(peer, stripe, slot, isUrgent) : -1;
    if (evicted >= 0) {
      this.#evict(peer, stripe, evicted);
      return accept();
    }
    const isExtra = isSeeder && isUrgent && count === tenants;
    if (isExtra && hasUpload) return accept(wheel.nowMs + URGENT_LEASE_MS);
    return this.#refuse(slot, stripe, REFUSAL.full);
  }

  remove(peer: number, stripe: number, slot: number): void {
    const table = peer * this.#stripes + stripe;
    const row = this.#row(table, slot);
    if (row < 0) return;
    const last = table * ROWS + (this.#counts[table] as number) - 1;
    this.#noteLeft(peer, stripe, row);
    for (let at = row; at < last; at++) this.#move(at + 1, at);
    this.#counts[table] = (this.#counts[table] as number) - 1;
  }

  neighborGone(peer: number, slot: number): void {
    if (peer === 0) this.#complaints[slot] = 0;
    for (let stripe = 0; stripe < this.#stripes; stripe++) this.remove(peer, stripe, slot);
  }

  /** End leases that ran out, and let go of whom the uplink does not carry. */
  round(peer: number): void {
    if ((this.#leases[peer] as number) > 0) this.#endLeases(peer);
    if (peer === 0) this.#fadeComplaints();
    const { uplinks } = this.#world;
    const budgetBps = uplinks.budgetBps(peer) * optionsOf(this.#world, peer).urgentShare;
    for (let i = 0; i < SHED_MAX; i++) {
      if ((this.promisedBps[peer] as number) <= budgetBps || this.#settledBps(peer) <= budgetBps)
        return;
      this.#shedOne(peer);
    }
  }

  #endLeases(peer: number): void {
    const { nowMs } = this.#world.wheel;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const table = peer * this.#stripes + stripe;
      for (let n = (this.#counts[table] as number) - 1; n >= 0; n--) {
        const row = table * ROWS + n;
        if ((this.#untilMs[row] as number) > nowMs) continue;
        const slot = this.#slots[row] as number;
        this.remove(peer, stripe, slot);
        this.#refuse(slot, stripe, REFUSAL.full);
      }
    }
  }

  #settledBps(peer: number): number {
    const { stripeRateBps } = this.#world.plan;
    let sum = 0;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      sum += this.#tenants(peer * this.#stripes + stripe) * (stripeRateBps[stripe] as number);
    }
    return sum;
  }

  #shedOne(peer: number): void {
    const { nowMs } = this.#world.wheel;
    let worst = -1;
    let worstStripe = 0;
    let worstValue = Number.POSITIVE_INFINITY;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const table = peer * this.#stripes + stripe;
      const end = table * ROWS + (this.#counts[table] as number);
      for (let row = table * ROWS; row < end; row++) {
        if (this.#untilMs[row] !== LASTING) continue;
        const slot = this.#slots[row] as number;
        const value = this.#capacityOf(slot) + (nowMs - (this.#sinceMs[row] as number));
        if (value >= worstValue) continue;
        worst = slot;
        worstStripe = stripe;
        worstValue = value;
      }
    }
    if (worst >= 0) this.#evict(peer, worstStripe, worst);
  }

  #evict(peer: number, stripe: number, slot: number): void {
    const graceMs = EVICTION_GRACE_MS[peer === 0 ? "seeder" : "viewer"];
    const table = peer * this.#stripes + stripe;
    this.#put(peer, table, slot, this.#world.wheel.nowMs + graceMs);
    this.#refuse(slot, stripe, REFUSAL.full);
  }

  /** Slot of the tenant worth least, if the newcomer is worth clearly more; -1 for none. */
  #whomToReplace(peer: number, stripe: number, newcomer: number, isUrgent: boolean): number {
    const { plan, uplinks, links, wheel, peers } = this.#world;
    const uploadBps = uplinks.announcedBps[links.peer[newcomer] as number] as number;
    if (uploadBps < 2 * (plan.stripeRateBps[stripe] as number)) return -1;
    const isSource = peer === 0;
    const capacityBps = this.#capacityOf(newcomer);
    const table = peer * this.#stripes + stripe;
    const end = table * ROWS + (this.#counts[table] as number);
    let replaced = -1;
    let least = isSource
      ? capacityBps / (this.#lastingOf(peer, newcomer) + 1) / WORTH_REPLACING.seeder
      : isUrgent
        ? Number.POSITIVE_INFINITY
        : capacityBps / WORTH_REPLACING.viewer;
    for (let row = table * ROWS; row < end; row++) {
      if (wheel.nowMs - (this.#sinceMs[row] as number) < SLOT_TENURE_MS) continue;
      const slot = this.#slots[row] as number;
      const silentSinceMs = peers.leftAtMs[links.peer[slot] as number] as number;
      if (isUrgent && wheel.nowMs - silentSinceMs > SILENT_MS) return slot;
      const value = this.#capacityOf(slot) / (isSource ? this.#lastingOf(peer, slot) : 1);
      if (value >= least) continue;
      least = value;
      replaced = slot;
    }
    return replaced;
  }

  #lastingOf(peer: number, slot: number): number {
    let count = 0;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const row = this.#row(peer * this.#stripes + stripe, slot);
      if (row >= 0 && this.#untilMs[row] === LASTING) count++;
    }
    return count;
  }

  #capacityOf(slot: number): number {
    const { plan, uplinks, links } = this.#world;
    const uploadBps = uplinks.announcedBps[links.peer[slot] as number] as number;
    const declaredBps = Math.min(UPLINK_ENOUGH * plan.rateBps, uploadBps);
    return declaredBps / (1 + (this.#complaints[slot] ?? 0) / COMPLAINTS_HALVE);
  }

  /** Whoever declares much and passes nothing on leaves others in want: its word counts for less. */
  #complain(table: number): void {
    const end = table * ROWS + (this.#counts[table] as number);
    for (let row = table * ROWS; row < end; row++) {
      const slot = this.#slots[row] as number;
      if (this.#untilMs[row] !== LASTING) continue;
      this.#complaints[slot] = (this.#complaints[slot] as number) + 1;
    }
  }

  #fadeComplaints(): void {
    this.#complaints.forEach((count, slot) => {
      this.#complaints[slot] = count < 0.5 ? 0 : count * COMPLAINTS_FADE;
    });
  }

  #hasUpload(peer: number, stripe: number, isUrgent: boolean): boolean {
    const { plan, uplinks } = this.#world;
    const { urgentShare, pushShare } = optionsOf(this.#world, peer);
    const budgetBps = uplinks.budgetBps(peer) * (isUrgent ? urgentShare : pushShare);
    const stripeBps = plan.stripeRateBps[stripe] as number;
    return (this.promisedBps[peer] as number) + stripeBps <= budgetBps;
  }

  #refuse(slot: number, stripe: number, reason: number): false {
    const about = stripe | (reason << 8);
    this.#world.network.sendControl(KIND.refuse, slot, about, REFUSE_BYTES);
    return false;
  }

  #tenants(table: number): number {
    const end = table * ROWS + (this.#counts[table] as number);
    let count = 0;
    for (let row = table * ROWS; row < end; row++) if (this.#untilMs[row] === LASTING) count++;
    return count;
  }

  #row(table: number, slot: number): number {
    const end = table * ROWS + (this.#counts[table] as number);
    for (let row = table * ROWS; row < end; row++) if (this.#slots[row] === slot) return row;
    return -1;
  }

  /** A child, or other terms for it; the most capable and nearest are served first. */
  #put(peer: number, table: number, slot: number, untilMs: number): void {
    const stripe = table - peer * this.#stripes;
    this.remove(peer, stripe, slot);
    const { plan } = this.#world;
    const rank = this.#rank(slot);
    const first = table * ROWS;
    let row = first + (this.#counts[table] as number);
    for (; row > first && this.#rank(this.#slots[row - 1] as number) > rank; row--) {
      this.#move(row - 1, row);
    }
    this.#slots[row] = slot;
    this.#sinceMs[row] = this.#world.wheel.nowMs;
    this.#untilMs[row] = untilMs;
    this.#counts[table] = (this.#counts[table] as number) + 1;
    if (untilMs !== LASTING) this.#leases[peer] = (this.#leases[peer] as number) + 1;
    const stripeBps = plan.stripeRateBps[stripe] as number;
    this.promisedBps[peer] = (this.promisedBps[peer] as number) + stripeBps;
  }

  #noteLeft(peer: number, stripe: number, row: number): void {
    if (this.#untilMs[row] !== LASTING) this.#leases[peer] = (this.#leases[peer] as number) - 1;
    const stripeBps = this.#world.plan.stripeRateBps[stripe] as number;
    this.promisedBps[peer] = (this.promisedBps[peer] as number) - stripeBps;
  }

  #move(from: number, to: number): void {
    this.#slots[to] = this.#slots[from] as number;
    this.#sinceMs[to] = this.#sinceMs[from] as number;
    this.#untilMs[to] = this.#untilMs[from] as number;
  }

  #rank(slot: number): number {
    const { links, uplinks } = this.#world;
    const uploadBps = uplinks.announcedBps[links.peer[slot] as number] as number;
    return (links.roundTripMs[slot] as number) - (20 * uploadBps) / 1e6;
  }
}
