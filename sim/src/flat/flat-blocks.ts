import { Buckets } from "./buckets.ts";
import { KIND, packed } from "./events.ts";
import type { FlatRecord } from "./flat-record.ts";
import type { FlatWorld } from "./flat-world.ts";
import { AUDIO_INDEX, indexOf, keyOf, sequenceOf } from "./stream-plan.ts";

/** As in mesh/src/serving.ts and striped-push/striped-push.ts, by the same names. */
const SERVE_SHARE = 0.25;
const SERVE_BURST_BYTES = 384 * 1024;
const CATCH_UP_CHUNKS = 10;
const DENY_BYTES = 10;
const CANCEL_BYTES = 10;

const NONE = -1;

/** The way of a block through a peer: mesh/src/mesh-engine.ts, from the link to children and others. */
export class FlatBlocks {
  readonly #world: FlatWorld;
  readonly #record: FlatRecord;
  readonly #serveBudget: Buckets;

  constructor(world: FlatWorld, record: FlatRecord) {
    this.#world = world;
    this.#record = record;
    this.#serveBudget = new Buckets(world.peers.capacity);
  }

  /** The source made a chunk. */
  publish(sequence: number): void {
    const { plan, uploads } = this.#world;
    const mask = plan.videoMask[sequence] as number;
    for (let index = 0; index < AUDIO_INDEX && mask >>> index !== 0; index++) {
      this.#keep(0, keyOf(sequence, index), NONE);
    }
    this.#keep(0, keyOf(sequence, AUDIO_INDEX), NONE);
    uploads.drain(0);
  }

  /** A block's last packet came to the receiver's line. */
  arrived(slot: number, key: number, isAnswer: boolean): void {
    const { links, network, wheel, plan } = this.#world;
    const peer = links.ownerOf(slot);
    const atMs = network.throughDownlinkMs(peer, plan.blockBytes[key] as number);
    if (atMs <= wheel.nowMs) return this.received(slot, key, isAnswer);
    const kind = isAnswer ? KIND.answerThrough : KIND.pushThrough;
    wheel.push(atMs, packed(kind, slot), links.peer[slot] as number, key);
  }

  received(slot: number, key: number, isAnswer: boolean): void {
    const { links, plan, parents, lags, repair, lonely, wheel, patience } = this.#world;
    const peer = links.ownerOf(slot);
    const stripe = plan.stripeOf(key);
    const bytes = plan.blockBytes[key] as number;
    const isFeeding = parents.isFeeding(peer, stripe, slot);
    if (!isAnswer && !isFeeding) {
      this.#record.duplicateBytes += bytes;
      return;
    }
    if (!this.#keep(peer, key, slot)) {
      this.#record.duplicateBytes += bytes;
      patience.cameTwice(peer);
      if (isFeeding) parents.noteInTime(peer, stripe);
      return;
    }
    this.#record.received(bytes);
    lonely.meshDelivered(peer);
    if (repair.arrived(peer, key, slot)) return this.#cameElsewhere(peer, key, slot);
    patience.cameOnce(peer);
    lags.noteArrival(peer, stripe, wheel.nowMs - plan.sourceTimeMs(sequenceOf(key)));
    if (isFeeding) parents.noteInTime(peer, stripe);
  }

  /** Blocks from the origin, as bits of a chunk. */
  fetched(peer: number, sequence: number, mask: number): void {
    const { plan, holdings, repair } = this.#world;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const key = keyOf(sequence, 31 - Math.clz32(rest & -rest));
      const bytes = plan.blockBytes[key] as number;
      this.#record.originBytes += bytes;
      if (holdings.has(peer, key) || !this.#keep(peer, key, NONE)) {
        this.#record.duplicateBytes += bytes;
        continue;
      }
      this.#record.received(bytes);
      repair.arrived(peer, key, NONE);
      this.#cameElsewhere(peer, key, NONE);
    }
  }

  /** A neighbor asks for a block. */
  requested(slot: number, key: number): void {
    const { links, holdings, network, uploads, plan, wheel } = this.#world;
    const peer = links.ownerOf(slot);
    const bytes = plan.blockBytes[key] as number;
    const tokens = this.#serveBudget.fill(
      peer,
      this.#serveBps(peer),
      SERVE_BURST_BYTES,
      wheel.nowMs,
    );
    const isHeld = holdings.has(peer, key);
    if (!isHeld || tokens <= 0) {
      // Below 0 it is not there, else there is no time.
      return network.sendControl(KIND.deny, slot, isHeld ? key : ~key, DENY_BYTES);
    }
    this.#serveBudget.take(peer, bytes);
    uploads.answer(peer, slot, key);
    uploads.drain(peer);
  }

  /** A new child begins where it lacks the stripe. */
  catchUp(slot: number, stripe: number, fromSequence: number): void {
    const { links, holdings, plan, uploads } = this.#world;
    const peer = links.ownerOf(slot);
    const newest = holdings.newest[2 * peer + (stripe === plan.videoStripes ? 1 : 0)] as number;
    for (
      let sequence = Math.max(fromSequence, newest - CATCH_UP_CHUNKS);
      sequence <= newest;
      sequence++
    ) {
      const mask = plan.maskOf(sequence, stripe) & holdings.heldOf(peer, sequence);
      for (let rest = mask; rest !== 0; rest &= rest - 1) {
        uploads.push(peer, slot, keyOf(sequence, 31 - Math.clz32(rest & -rest)));
      }
    }
    uploads.drain(peer);
  }

  /** Its parent need not send it any more. */
  #cameElsewhere(peer: number, key: number, from: number): void {
    const { parents, network, plan } = this.#world;
    this.#record.repaired++;
    const parent = parents.by[peer * plan.stripes + plan.stripeOf(key)] as number;
    if (parent !== NONE && parent !== from) {
      network.sendControl(KIND.cancel, parent, key, CANCEL_BYTES);
    }
  }

  #serveBps(peer: number): number {
    const { uplinks, children, plan, options } = this.#world;
    const budgetBps = uplinks.budgetBps(peer);
    const ownBps = SERVE_SHARE * plan.rateBps;
    if (peer === 0) return Math.min(budgetBps, ownBps);
    const spareBps = budgetBps * options.pushShare - (children.promisedBps[peer] as number);
    return Math.min(budgetBps, Math.max(ownBps, spareBps));
  }

  /** Store a block, pass it on, learn from it. @returns False when it was held already. */
  #keep(peer: number, key: number, from: number): boolean {
    const { holdings, children, uploads, uplinks, repair, plan } = this.#world;
    if (!holdings.add(peer, key)) return false;
    children.relay(peer, key, from);
    if (peer === 0) return true;
    uplinks.lookIfDue(peer);
    uploads.drain(peer);
    const sequence = sequenceOf(key);
    const track = indexOf(key) === AUDIO_INDEX ? 1 : 0;
    this.#record.accepted(peer, sequence);
    repair.heard(peer, track, sequence);
    // The other track's chunks of the time before exist, though nobody told.
    const other = holdings.newest[2 * peer + 1 - track] as number;
    if (other >= 0 && sequence - 1 > other) repair.heard(peer, 1 - track, sequence - 1);
    if ((plan.trackMask(key) & ~holdings.heldOf(peer, sequence)) === 0) {
      this.#record.delivered(peer, track, sequence);
    }
    return true;
  }
}
