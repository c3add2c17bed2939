import { WIRE_LIMITS } from "#protocol";
import { Buckets } from "./buckets.ts";
import { KIND, packed } from "./events.ts";
import type { FlatWorld } from "./flat-world.ts";
import { Requests } from "./requests.ts";
import { AUDIO_BIT, indexOf, keyOf, sequenceOf } from "./stream-plan.ts";
import { NO_TICK } from "./timing-wheel.ts";

/** As in mesh/src/repair.ts and timeline.ts, by the same names. */
const CLAIM_AHEAD_CHUNKS = 50;
const BEGIN_AGAIN_MS = 1500;
const RESCUE_BURST_BYTES = 256 * 1024;
const ANSWER_HOPE_MS = 150;
const LOOK_AGAIN_MS = 50;
const FETCH_BLOCKS_SHARE = 0.5;
const PATIENT_AHEAD_MS = 700;
const PATIENT_SHARE = 0.25;
const PATIENT_BURST_MS = 1500;
const DEADLINE_WITHOUT_PLAYHEAD_MS = 2500;
/** A chunk is given up this long after its deadline. */
const OVER_MS = 200;
const LAST_ASK_AHEAD_MS = 600;
/** The first word of the player comes this long after joining, as in ../simulation.ts. */
const PLAYBACK_FIRST_MS = 500;
const REQUEST_BYTES = 10;
const CANCEL_BYTES = 10;

const NONE = -1;
const NEVER = Number.POSITIVE_INFINITY;

/** Finds the blocks that should have come and asks for them: mesh/src/repair.ts for all peers. */
export class FlatRepair {
  readonly #world: FlatWorld;
  readonly #requests: Requests;
  readonly #originBudget: Buckets;
  readonly #seederBudget: Buckets;
  readonly #patience: Buckets;
  /** Of video by twice the peer, of audio one after; -1 before the start. */
  readonly #nextWanted: Int32Array;
  readonly #newestHeard: Int32Array;
  /** Newest chunk that a neighbor has told of. */
  readonly #newestClaimed: Int32Array;
  readonly #beganAtMs: Float32Array;
  readonly #timers: Int32Array;

  constructor(world: FlatWorld) {
    const peers = world.peers.capacity;
    this.#world = world;
    this.#requests = new Requests(peers);
    this.#originBudget = new Buckets(peers);
    this.#seederBudget = new Buckets(peers);
    this.#patience = new Buckets(peers);
    this.#nextWanted = new Int32Array(2 * peers).fill(NONE);
    this.#newestHeard = new Int32Array(2 * peers).fill(NONE);
    this.#newestClaimed = new Int32Array(peers).fill(NONE);
    this.#beganAtMs = new Float32Array(peers).fill(NONE);
    this.#timers = new Int32Array(peers).fill(NO_TICK);
  }

  // What the other rules ask and tell

  /** A track goes on with this chunk, as far as the peer knows. */
  nextUnheard(peer: number, track: number): number {
    const newest = this.#world.holdings.newest[2 * peer + track] as number;
    return Math.max(newest, this.#newestHeard[2 * peer + track] as number) + 1;
  }

  startAt(peer: number, sequence: number): void {
    for (const track of [0, 1]) {
      if (this.nextUnheard(peer, track) <= sequence) this.#nextWanted[2 * peer + track] = sequence;
    }
    this.lookWithin(peer, 0);
  }

  /** A chunk exists: some of it is held somewhere. */
  heard(peer: number, track: number, sequence: number): void {
    const { holdings, wheel, options } = this.#world;
    const newest = holdings.newest[2 * peer + track] as number;
    if (newest >= 0 && sequence > newest + CLAIM_AHEAD_CHUNKS) return;
    const at = 2 * peer + track;
    if (sequence > (this.#newestHeard[at] as number)) this.#newestHeard[at] = sequence;
    if (sequence < (this.#nextWanted[at] as number)) return;
    const place = holdings.place(peer, sequence);
    if (place < 0 || (holdings.heardAtMs[place] as number) > 0) return;
    holdings.heardAtMs[place] = wheel.nowMs;
    this.lookWithin(peer, options.repairSlackMs);
  }

  /** A neighbor told what it holds. */
  claimed(peer: number, slot: number): void {
    const { holdings, links } = this.#world;
    const other = links.peer[slot] as number;
    const top = holdings.newestTold(other, links.sinceMs[slot] as number);
    if (top <= (this.#newestClaimed[peer] as number)) return;
    this.#newestClaimed[peer] = top;
    this.heard(peer, 0, top);
    this.heard(peer, 1, top);
  }

  /** A block is here. @param from Slot, or -1 for the origin. @returns Whether it was asked for. */
  arrived(peer: number, key: number, from: number): boolean {
    const { parents, plan, network } = this.#world;
    const row = this.#requests.find(peer, key);
    if (row === NONE) return false;
    const slot = this.#requests.slotOf(row);
    const isPushed = this.#requests.isPushed(row);
    this.#settle(peer, row);
    if (isPushed) parents.noteLate(peer, plan.stripeOf(key), from);
    if (slot !== from) network.sendControl(KIND.cancel, slot, key, CANCEL_BYTES);
    return true;
  }

  /** @param about The block, or its complement when the neighbor does not hold it. */
  denied(peer: number, slot: number, about: number): void {
    const key = about < 0 ? ~about : about;
    const row = this.#requests.find(peer, key);
    if (row === NONE || this.#requests.slotOf(row) !== slot) return;
    this.#settle(peer, row);
    const { holdings, links, holders } = this.#world;
    const told = holdings.hasTold(links.peer[slot] as number, key, links.sinceMs[slot] as number);
    this.#requests.noteTried(peer, key, slot - links.first(peer), told);
    if (about < 0) holders.notHeld(slot, key);
    this.lookWithin(peer, 0);
  }

  neighborGone(peer: number, slot: number): void {
    for (;;) {
      const row = this.#requests.to(peer, slot);
      if (row === NONE) break;
      this.#settle(peer, row);
    }
    this.lookWithin(peer, 0);
  }

  /** First chunk of which the stripe's block is neither here nor asked for. */
  firstLacking(peer: number, stripe: number): number {
    const { plan, holdings } = this.#world;
    const track = 2 * peer + (stripe === plan.videoStripes ? 1 : 0);
    const newest = holdings.newest[track] as number;
    const next = this.#nextWanted[track] as number;
    const first = next >= 0 ? next : Math.max(0, newest);
    for (let sequence = first; sequence <= newest; sequence++) {
      const place = holdings.place(peer, sequence);
      if (place < 0) continue;
      const taken = (holdings.held[place] as number) | (holdings.asked[place] as number);
      if ((plan.maskOf(sequence, stripe) & ~taken) !== 0) return sequence;
    }
    return Math.max(newest, first - 1) + 1;
  }

  lookWithin(peer: number, inMs: number): void {
    if (peer === 0 || this.#world.peers.isGone[peer] === 1) return;
    const { wheel } = this.#world;
    const atMs = wheel.nowMs + Math.max(inMs, wheel.pauseMs);
    const timer = this.#timers[peer] as number;
    if (timer !== NO_TICK && timer <= wheel.tickOf(atMs)) return;
    this.#timers[peer] = wheel.push(atMs, packed(KIND.repairTimer, peer), 0, 0);
  }

  timer(peer: number): void {
    const { wheel, lonely, holders } = this.#world;
    if (this.#timers[peer] !== wheel.tick) return;
    this.#timers[peer] = NO_TICK;
    holders.lookAgain();
    let wakeAtMs = this.#expire(peer);
    this.#begin(peer);
    wakeAtMs = Math.min(wakeAtMs, this.#repairTrack(peer, 0), this.#repairTrack(peer, 1));
    wakeAtMs = Math.min(wakeAtMs, lonely.housekeep(peer));
    if (wakeAtMs < NEVER) this.lookWithin(peer, wakeAtMs - wheel.nowMs);
  }

  /** Give up requests that were not answered. @returns When the next one runs out. */
  #expire(peer: number): number {
    const { wheel, options, links } = this.#world;
    for (;;) {
      const row = this.#requests.oldest(peer);
      if (row === NONE) return NEVER;
      const endsAtMs = this.#requests.askedAtMs(row) + options.requestTimeoutMs;
      if (endsAtMs > wheel.nowMs) return endsAtMs;
      const slot = this.#requests.slotOf(row);
      this.#requests.noteTried(peer, this.#requests.keyOf(row), slot - links.first(peer), false);
      links.brokenPromises[slot] = (links.brokenPromises[slot] as number) + 1;
      this.#settle(peer, row);
    }
  }

  #settle(peer: number, row: number): void {
    const { holdings, links } = this.#world;
    const key = this.#requests.keyOf(row);
    const slot = this.#requests.slotOf(row);
    const place = holdings.place(peer, sequenceOf(key));
    if (place >= 0) {
      holdings.asked[place] = (holdings.asked[place] as number) & ~(1 << indexOf(key));
    }
    links.inFlight[slot] = (links.inFlight[slot] as number) - 1;
    this.#requests.remove(peer, row);
  }

  /** Without a join response a newcomer begins at some neighbor's newest independent chunk. */
  #begin(peer: number): void {
    const { holdings, links, random, plan, wheel } = this.#world;
    if (
      (holdings.newest[2 * peer] as number) >= 0 ||
      (holdings.newest[2 * peer + 1] as number) >= 0
    )
      return;
    const beganAtMs = this.#beganAtMs[peer] as number;
    if (beganAtMs >= 0 && wheel.nowMs < beganAtMs + BEGIN_AGAIN_MS) return;
    let offers = 0;
    let newest = NONE;
    for (let slot = links.first(peer); slot < links.end(peer); slot++) {
      const other = links.peer[slot] as number;
      if (other === NONE) continue;
      const told = holdings.newestTold(other, links.sinceMs[slot] as number);
      if (told >= 0 && random() * ++offers < 1) newest = told;
    }
    if (newest === NONE) return;
    this.#beganAtMs[peer] = wheel.nowMs;
    for (const track of [0, 1]) {
      this.#nextWanted[2 * peer + track] = plan.segmentStart(newest);
      this.#newestHeard[2 * peer + track] = newest;
    }
  }

  #repairTrack(peer: number, track: number): number {
    const { holdings } = this.#world;
    const at = 2 * peer + track;
    const heard = this.#newestHeard[at] as number;
    if (heard < 0) return NEVER;
    const held = holdings.newest[at] as number;
    const newest = Math.min(heard, (held < 0 ? heard : held) + CLAIM_AHEAD_CHUNKS);
    const next = this.#nextWanted[at] as number;
    const first = this.#skipSettled(peer, track, next < 0 ? newest : next, newest);
    this.#nextWanted[at] = first;
    let wakeAtMs = NEVER;
    for (let sequence = first; sequence <= newest; sequence++) {
      wakeAtMs = Math.min(wakeAtMs, this.#repairChunk(peer, track, sequence));
    }
    return wakeAtMs;
  }

  /** Move past chunks that are complete and those whose time has gone by. */
  #skipSettled(peer: number, track: number, from: number, newest: number): number {
    const { holdings, wheel } = this.#world;
    let sequence = from;
    for (; sequence <= newest; sequence++) {
      const isComplete = (this.#maskOf(track, sequence) & ~holdings.heldOf(peer, sequence)) === 0;
      if (!isComplete && this.#deadlineMs(peer, sequence) + OVER_MS >= wheel.nowMs) break;
    }
    return sequence;
  }

  #maskOf(track: number, sequence: number): number {
    return track === 1 ? AUDIO_BIT : (this.#world.plan.videoMask[sequence] as number);
  }

  #deadlineMs(peer: number, sequence: number): number {
    const { peers, plan, scenario, wheel } = this.#world;
    const isPlaying = wheel.nowMs >= (peers.joinedAtMs[peer] as number) + PLAYBACK_FIRST_MS;
    const { playoutMs } = scenario;
    return plan.sourceTimeMs(sequence) + (isPlaying ? playoutMs : DEADLINE_WITHOUT_PLAYHEAD_MS);
  }

  #repairChunk(peer: number, track: number, sequence: number): number {
    const { holdings, wheel, options } = this.#world;
    const { nowMs } = wheel;
    const place = holdings.place(peer, sequence);
    if (place < 0) return NEVER;
    const full = this.#maskOf(track, sequence);
    const held = (holdings.held[place] as number) & full;
    const isUnknown = held === 0 && sequence > (this.#newestClaimed[peer] as number);
    const missing = isUnknown && track === 0 ? 1 : full & ~held;
    const deadlineMs = this.#deadlineMs(peer, sequence);
    let wakeAtMs = NEVER;
    let rescueAtMs = NEVER;
    let overdue = 0;
    for (let rest = missing; rest !== 0; rest &= rest - 1) {
      const index = 31 - Math.clz32(rest & -rest);
      const key = keyOf(sequence, index);
      const isAsked = (((holdings.asked[place] as number) >>> index) & 1) === 1;
      let helpAtMs = nowMs;
      if (isAsked) {
        helpAtMs = this.#requests.askedAtMs(this.#requests.find(peer, key)) + ANSWER_HOPE_MS;
      } else {
        const dueAtMs = this.#dueAtMs(peer, key, place, deadlineMs);
        if (Math.abs(dueAtMs) > nowMs) {
          wakeAtMs = Math.min(wakeAtMs, Math.abs(dueAtMs));
          continue;
        }
        const waitMs = this.#ask(peer, key, place, deadlineMs, dueAtMs > 0);
        if (waitMs > 0) wakeAtMs = Math.min(wakeAtMs, nowMs + waitMs);
        else helpAtMs = nowMs + ANSWER_HOPE_MS;
      }
      const holeRescueAtMs = Math.max(helpAtMs, deadlineMs - options.rescueAheadMs);
      if (holeRescueAtMs <= nowMs) overdue |= 1 << index;
      rescueAtMs = Math.min(rescueAtMs, holeRescueAtMs);
    }
    if ((((holdings.fetching[place] as number) >> track) & 1) === 1) return wakeAtMs;
    if (rescueAtMs > nowMs) return Math.min(wakeAtMs, rescueAtMs);
    if (this.#rescue(peer, track, sequence, overdue, isUnknown)) return wakeAtMs;
    return Math.min(wakeAtMs, nowMs + LOOK_AGAIN_MS);
  }

  /** When a block is to be requested if it is not here: negative when no parent owes it. */
  #dueAtMs(peer: number, key: number, place: number, deadlineMs: number): number {
    const { parents, lags, plan, holdings, wheel, patience } = this.#world;
    const stripe = plan.stripeOf(key);
    if (!parents.isFed(peer, stripe)) return -wheel.nowMs;
    const lagMs = lags.latestUsualMs(peer, stripe);
    const heardAtMs = (holdings.heardAtMs[place] as number) || wheel.nowMs;
    const usualAtMs = lagMs < 0 ? 0 : plan.sourceTimeMs(sequenceOf(key)) + lagMs;
    if (lagMs >= 0 && usualAtMs < parents.fedSinceMs(peer, stripe)) return -wheel.nowMs;
    // However patient we are: a holder has to be asked while it can still help.
    const leastMs = Math.max(heardAtMs, usualAtMs) + patience.leastMs;
    const patientMs = leastMs - patience.leastMs + patience.ms(peer);
    const dueAtMs = Math.min(patientMs, Math.max(deadlineMs - LAST_ASK_AHEAD_MS, leastMs));
    return lagMs < 0 ? -dueAtMs : dueAtMs;
  }

  /** @returns 0 when somebody was asked, or after how many ms it is worth looking again. */
  #ask(peer: number, key: number, place: number, deadlineMs: number, isPushed: boolean): number {
    const { wheel, holdings, links, network, holders } = this.#world;
    const { nowMs } = wheel;
    // Before the choice of a holder, which is dear: without patience it would come to nothing.
    const isEarly = deadlineMs - nowMs > PATIENT_AHEAD_MS;
    if (this.#requests.isFull(peer)) return LOOK_AGAIN_MS;
    const waitMs = isEarly ? this.#patienceInMs(peer) : 0;
    if (waitMs > 0) return Math.max(LOOK_AGAIN_MS, waitMs);
    const slot = holders.best(peer, key, deadlineMs, this.#requests);
    if (slot === NONE) return LOOK_AGAIN_MS;
    if (links.peer[slot] === 0 && !this.#mayAskSeeder(peer)) return LOOK_AGAIN_MS;
    if (isEarly) this.#patience.take(peer, WIRE_LIMITS.messageBytes);
    this.#requests.add(peer, key, slot, nowMs, isPushed);
    holdings.asked[place] = (holdings.asked[place] as number) | (1 << indexOf(key));
    links.inFlight[slot] = (links.inFlight[slot] as number) + 1;
    network.sendControl(KIND.request, slot, key, REQUEST_BYTES);
    return 0;
  }

  /** When requests long before their deadline may go on: 0 for now. */
  #patienceInMs(peer: number): number {
    const { plan, wheel } = this.#world;
    const burstBytes = (plan.rateBps * PATIENT_BURST_MS) / 8000;
    const rateBps = PATIENT_SHARE * plan.rateBps;
    const tokens = this.#patience.fill(peer, rateBps, burstBytes, wheel.nowMs);
    return tokens > 0 ? 0 : ((1 - tokens) * 8000) / rateBps;
  }

  #mayAskSeeder(peer: number): boolean {
    const { plan, options, wheel } = this.#world;
    const rateBps = plan.rateBps * options.rescueShare;
    if (this.#seederBudget.fill(peer, rateBps, RESCUE_BURST_BYTES, wheel.nowMs) <= 0) return false;
    this.#seederBudget.take(peer, WIRE_LIMITS.messageBytes);
    return true;
  }

  /** Fetch from the origin within the budget: the few that are missing, or the whole chunk. */
  #rescue(
    peer: number,
    track: number,
    sequence: number,
    overdue: number,
    isUnknown: boolean,
  ): boolean {
    const { plan, options, wheel, lonely } = this.#world;
    const full = this.#maskOf(track, sequence);
    const share = isUnknown ? 1 : bits(overdue) / bits(full);
    const rateBps = plan.rateBps * options.originShare;
    if (this.#originBudget.fill(peer, rateBps, RESCUE_BURST_BYTES, wheel.nowMs) <= 0) return false;
    const stripes = track === 1 ? 1 : plan.videoStripes;
    const trackBps = stripes * (plan.stripeRateBps[track === 1 ? plan.videoStripes : 0] as number);
    this.#originBudget.take(peer, (share * trackBps * plan.chunkMs) / 8000);
    lonely.fetch(peer, track, sequence, share <= FETCH_BLOCKS_SHARE ? overdue : full);
    return true;
  }
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
