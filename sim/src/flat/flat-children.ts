import { ChildRows } from "./child-rows.ts";
import { KIND } from "./events.ts";
import { FlatChildWorth } from "./flat-child-worth.ts";
import { FAN_OUT_MAX } from "./flat-interior.ts";
import { type FlatWorld, optionsOf } from "./flat-world.ts";
import { Replacement, type Wish } from "./replacement.ts";
import { sequenceOf } from "./stream-plan.ts";

/** As in mesh/src/striped-push/children.ts, by the same names. */
const NOTICE_MS = { seeder: 8000, viewer: 4000 };
const NOTICES_MAX = 2;
const EXTRA_MS = 8000;
const SHED_MAX = 4;

const NONE = -1;
/** Nobody has told of a block this young, in ms: looking it up at each child would be dear. */
const FRESH_MS = 500;
/** Sizes of these messages, routes and alternatives included, in bytes: a few of each. */
const ACCEPT_BYTES = 44;
const REFUSE_BYTES = 60;

/** Why a `subscribe` was refused. */
export const REFUSAL = { full: 0, loop: 1 } as const;

/** Who gets which stripe pushed from whom: mesh/src/striped-push/children.ts for all peers. */
export class FlatChildren {
  readonly promisedBps: Float64Array;
  readonly #world: FlatWorld;
  readonly #stripes: number;
  readonly #rows: ChildRows;
  readonly #worth: FlatChildWorth;
  readonly #replacement: Replacement;

  constructor(world: FlatWorld) {
    this.#world = world;
    this.#stripes = world.plan.stripes;
    this.#rows = new ChildRows(world);
    this.#worth = new FlatChildWorth(world);
    this.#replacement = new Replacement(world, this.#rows, this.#worth);
    this.promisedBps = this.#rows.promisedBps;
  }

  count(peer: number, stripe: number): number {
    return this.#rows.count(this.#rows.table(peer, stripe));
  }

  /** Slot of the nth child to be served. */
  nth(peer: number, stripe: number, n: number): number {
    return this.#rows.slots[this.#rows.first(this.#rows.table(peer, stripe)) + n] as number;
  }

  isChild(peer: number, stripe: number, slot: number): boolean {
    return this.#rows.find(this.#rows.table(peer, stripe), slot) >= 0;
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
    const table = this.#rows.table(peer, plan.stripeOf(key));
    const end = this.#rows.end(table);
    for (let row = this.#rows.first(table); row < end; row++) {
      const slot = this.#rows.slots[row] as number;
      if (slot === from || cancels.has(peer, slot - first, key)) continue;
      const child = links.peer[slot] as number;
      if (!isFresh && holdings.hasTold(child, key, links.sinceMs[slot] as number)) continue;
      uploads.push(peer, slot, key);
    }
  }

  /** Answer a `subscribe`. @returns Whether the neighbor is a child now. */
  subscribe(peer: number, stripe: number, slot: number, wish: Wish): boolean {
    const { links, parents, seederOptions } = this.#world;
    const { isUrgent } = wish;
    const rows = this.#rows;
    const table = rows.table(peer, stripe);
    if (!parents.canFeed(peer, stripe, links.peer[slot] as number)) {
      return this.#refuse(slot, stripe, REFUSAL.loop);
    }
    if (rows.find(table, slot) >= 0) return this.#accept(peer, stripe, slot);
    const isSeeder = peer === 0;
    const tenants = rows.tenants(table);
    const most = isSeeder ? seederOptions.seederCopies : FAN_OUT_MAX;
    const hasUpload = this.#hasUpload(peer, stripe, isUrgent);
    if (isSeeder && isUrgent) this.#worth.complain(rows, table);
    if (hasUpload && tenants < most && rows.hasRoom(table)) return this.#accept(peer, stripe, slot);
    // One at a time: whoever moves needs a place, too.
    if (rows.count(table) > tenants) return this.#refuse(slot, stripe, REFUSAL.full);
    const replaced = this.#replacement.instead(peer, stripe, slot, wish);
    if (replaced !== NONE) {
      this.#accept(peer, stripe, slot);
      this.#evict(peer, stripe, replaced);
      return true;
    }
    if (!isSeeder || !isUrgent || !hasUpload) return this.#refuse(slot, stripe, REFUSAL.full);
    rows.lend(peer, stripe, slot, EXTRA_MS);
    this.#tellAccepted(slot, stripe);
    return true;
  }

  remove(peer: number, stripe: number, slot: number): void {
    this.#rows.remove(peer, stripe, slot);
  }

  neighborGone(peer: number, slot: number): void {
    this.#worth.forget(slot);
    for (let stripe = 0; stripe < this.#stripes; stripe++) this.remove(peer, stripe, slot);
  }

  /** Places that end, and letting go of whom the uplink does not carry. */
  round(peer: number): void {
    if (this.#rows.hasEndings(peer)) this.#endPlaces(peer);
    if (peer === 0) this.#worth.fade();
    const { uplinks } = this.#world;
    const budgetBps = uplinks.budgetBps(peer) * optionsOf(this.#world, peer).urgentShare;
    for (let i = 0; i < SHED_MAX; i++) {
      if ((this.promisedBps[peer] as number) <= budgetBps || this.#settledBps(peer) <= budgetBps)
        return;
      const { stripe, slot } = this.#replacement.worstOf(peer);
      if (slot === NONE) return;
      this.#evict(peer, stripe, slot);
    }
  }

  #endPlaces(peer: number): void {
    const { nowMs } = this.#world.wheel;
    const rows = this.#rows;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      const table = rows.table(peer, stripe);
      const ended: number[] = [];
      for (let row = rows.first(table); row < rows.end(table); row++) {
        if ((rows.untilMs[row] as number) <= nowMs) ended.push(rows.slots[row] as number);
      }
      for (const slot of ended) this.#endPlace(peer, stripe, slot);
    }
  }

  #endPlace(peer: number, stripe: number, slot: number): void {
    const row = this.#rows.find(this.#rows.table(peer, stripe), slot);
    if (this.#rows.isExtra[row] === 1) return this.#endExtra(peer, stripe, slot);
    const isHoldingOn =
      (this.#rows.notices[row] as number) >= NOTICES_MAX && this.#worth.isDoubted(slot);
    if (peer === 0 && !isHoldingOn) return this.#askOther(peer, stripe, slot);
    this.remove(peer, stripe, slot);
    this.#refuse(slot, stripe, REFUSAL.full);
  }

  /** Of two copies of a stripe the one that is worth less is to become part of the other's tree. */
  #endExtra(peer: number, stripe: number, extra: number): void {
    this.#rows.let(peer, stripe, extra);
    if (this.#rows.tenants(this.#rows.table(peer, stripe)) < 2) return;
    this.#evict(peer, stripe, this.#replacement.leastCopy(peer, stripe));
  }

  /** A child of the source found no other parent: it may stay, and the other one is asked to move. */
  #askOther(peer: number, stripe: number, slot: number): void {
    const rows = this.#rows;
    const table = rows.table(peer, stripe);
    rows.let(peer, stripe, slot);
    this.#tellAccepted(slot, stripe);
    for (let row = rows.first(table); row < rows.end(table); row++) {
      const other = rows.slots[row] as number;
      if (other !== slot) return this.#evict(peer, stripe, other);
    }
  }

  /** What is promised beyond notices already given. */
  #settledBps(peer: number): number {
    const { stripeRateBps } = this.#world.plan;
    let sum = 0;
    for (let stripe = 0; stripe < this.#stripes; stripe++) {
      sum += this.#rows.tenants(this.#rows.table(peer, stripe)) * (stripeRateBps[stripe] as number);
    }
    return sum;
  }

  #evict(peer: number, stripe: number, slot: number): void {
    const noticeMs = NOTICE_MS[peer === 0 ? "seeder" : "viewer"];
    this.#rows.giveNotice(peer, stripe, slot, noticeMs);
    this.#refuse(slot, stripe, REFUSAL.full);
  }

  #hasUpload(peer: number, stripe: number, isUrgent: boolean): boolean {
    const { plan, uplinks } = this.#world;
    const { urgentShare, pushShare } = optionsOf(this.#world, peer);
    const budgetBps = uplinks.budgetBps(peer) * (isUrgent ? urgentShare : pushShare);
    const stripeBps = plan.stripeRateBps[stripe] as number;
    return (this.promisedBps[peer] as number) + stripeBps <= budgetBps;
  }

  #accept(peer: number, stripe: number, slot: number): true {
    this.#rows.let(peer, stripe, slot);
    this.#tellAccepted(slot, stripe);
    return true;
  }

  #tellAccepted(slot: number, stripe: number): void {
    this.#world.network.sendControl(KIND.accept, slot, stripe, ACCEPT_BYTES);
  }

  #refuse(slot: number, stripe: number, reason: number): false {
    const about = stripe | (reason << 8);
    this.#world.network.sendControl(KIND.refuse, slot, about, REFUSE_BYTES);
    return false;
  }
}
