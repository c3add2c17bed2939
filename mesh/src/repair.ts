import {
  type Block,
  type PeerId,
  type PeerMessage,
  USUAL_BLOCK_PAYLOAD_BYTES,
  WIRE_LIMITS,
} from "#protocol";
import { blockKey, chunkKey } from "./block-key.ts";
import type { MeshContext } from "./context.ts";
import type { Neighbor } from "./neighbor.ts";
import type { Part } from "./part.ts";
import type { Expectation, Scheduler } from "./scheduler.ts";
import type { Stripe } from "./stripe-table.ts";
import type { Timeline } from "./timeline.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Requests under way to one neighbor: bounds what it queues for us. */
const IN_FLIGHT_PER_HOLDER = 32;
/** Chunks ahead of the newest verified one that claims may make us look for, and how far ahead of the
 * source's clock their time may be, in ms: bounds liars. */
const CLAIM_AHEAD_CHUNKS = 50;
const CLAIM_AHEAD_MS = 1000;
/** A newcomer that got nothing by one neighbor's numbers tries another's after this, in ms. */
const BEGIN_AGAIN_MS = 1500;
/** Beyond this gap the publisher was restarted: go on at the new end instead of filling it. */
const GAP_CHUNKS_MAX = 256;
/** A holder that is the seeder is spared until the deadline is this near, in ms. */
const SEEDER_AHEAD_MS = 600;
/** Burst of the rescue budget: what a newcomer may lack before the mesh carries it. */
const RESCUE_BURST_BYTES = 256 * 1024;
/** Beyond its usual lag, in ms, a neighbor is presumed to hold a block; also what certainty is
 * worth in the choice of holders. A guess. */
const PRESUMED_MS = 220;
/** Where a neighbor turned out not to hold what it was presumed to, nothing of that stripe is presumed
 * for this long, in ms: the whole stripe is late, and asking around makes it later (simulator, 60 peers
 * forming: repair and source copies a third less). */
const DOUBT_MS = 600;
/** A holder answers within this, in ms, or the origin is asked as well when time is short. */
const ANSWER_HOPE_MS = 150;
/** Pause before looking again for a holder or for budget, in ms. */
const LOOK_AGAIN_MS = 50;
/** Before its deadline by this much, in ms, a block is requested however patient we are. */
const LAST_ASK_AHEAD_MS = 600;
/** What usually comes later than this long before its deadline, in ms, comes too late. */
const TOO_LATE_AHEAD_MS = 100;
/** What does not come regularly is waited for until so long before its deadline, in ms. */
const LAST_HOPE_AHEAD_MS = 250;
/** Up to this share of a chunk its blocks are fetched one by one. */
const FETCH_BLOCKS_SHARE = 0.5;
/** Long before the deadline, in ms, only so much is asked for, as share of the stream's rate, and this
 * much media at once, in ms: if a whole swarm is late, asking makes it later. */
const PATIENT_AHEAD_MS = 700;
const PATIENT_SHARE = 0.25;
const PATIENT_BURST_MS = 1500;
/** Where all goes by request, claims and answers of this time are looked at together, in ms. */
const PULL_PAUSE_MS = 10;
/** A neighbor's broken promises fade to half in this time, in ms. */
const PROMISE_HALF_LIFE_MS = 5000;

/** `isPushed`: the block was expected from its stripe's parent. */
type Request = { holder: PeerId; askedAtMs: number; isPushed: boolean };
type Hole = { index: number; key: number };
type Asks = Map<Neighbor, number[]>;
type ClaimedChunk = { track: number; sequence: number; deadlineMs: number };

/**
 * Finds the blocks that should have come and asks for them: from a neighbor that holds them,
 * close to the deadline from the seeder, and last from the origin within a budget.
 */
export class Repair implements Part {
  readonly #context: MeshContext;
  readonly #scheduler: Scheduler;
  readonly #timeline: Timeline;
  readonly #seederBudget: TokenBucket;
  readonly #originBudget: TokenBucket;
  readonly #patience: TokenBucket;
  /** Requests not answered yet, by block. */
  readonly #inFlight = new Map<number, Request>();
  /** Holders that failed us for a block. */
  readonly #tried = new Map<number, Set<PeerId>>();
  /** When a chunk was first heard of, by chunk. */
  readonly #heardAtMs = new Map<number, number>();
  /** Fetches under way, by chunk. */
  readonly #fetching = new Set<number>();
  /** Per track: the lowest sequence still wanted, and the highest known to exist. */
  readonly #nextWanted: number[] = [];
  readonly #newestHeard: number[] = [];
  #beganAtMs = 0;
  #missedCount = 0;
  #fadedAtMs = 0;
  dueAtMs = Number.POSITIVE_INFINITY;

  constructor(context: MeshContext, scheduler: Scheduler, timeline: Timeline) {
    this.#context = context;
    this.#scheduler = scheduler;
    this.#timeline = timeline;
    const rateBps = context.stripes.streamRateBps();
    const { rescueShare, originShare } = context.options;
    this.#seederBudget = new TokenBucket(rateBps * rescueShare, RESCUE_BURST_BYTES);
    this.#originBudget = new TokenBucket(rateBps * originShare, RESCUE_BURST_BYTES);
    this.#patience = new TokenBucket(rateBps, (rateBps * PATIENT_BURST_MS) / 8000);
  }

  /** Chunks given up because their time had come. */
  get missedCount(): number {
    return this.#missedCount;
  }

  /** Whether a chunk is still of use to us; before the start of a track everything is. */
  isWanted(track: number, sequence: number): boolean {
    return sequence >= (this.#nextWanted[track] ?? 0);
  }

  /** A join response begins with this chunk. So do we, and if we are under way already, what lies
   * between is looked for as ever: or it would be missing without anybody having missed it. */
  joined(track: number, sequence: number): void {
    const next = this.nextUnheard(track);
    const isFar = next === undefined || sequence - next > GAP_CHUNKS_MAX;
    const isEarlier = sequence < (this.#nextWanted[track] ?? Number.POSITIVE_INFINITY);
    if (isFar || isEarlier) this.#nextWanted[track] = sequence;
    this.lookWithin(0);
  }

  /**
   * A track is taken from now on: at the live edge, as neighbors tell it.
   * @returns False when none of them knows.
   */
  take(track: number): boolean {
    const told = [...this.#context.neighbors.values()]
      .flatMap((neighbor) => neighbor.reach(track)?.newest ?? [])
      .sort((a, b) => a - b);
    // One that lies, or lags behind, is not asked.
    const newest = told[Math.floor(told.length / 2)];
    if (newest === undefined) return false;
    this.#nextWanted[track] = newest + 1;
    this.#newestHeard[track] = newest;
    return true;
  }

  /** A track is taken no longer. What was requested of it may still come. */
  leave(track: number): void {
    delete this.#nextWanted[track];
    delete this.#newestHeard[track];
  }

  /** A chunk exists: a neighbor claims to hold some of it, or a block of it came. */
  heard(track: number, sequence: number): void {
    if (!this.#context.stripes.isTaken(track)) return;
    if (this.#pulls) this.lookWithin(PULL_PAUSE_MS);
    // Most of what neighbors tell is of chunks that were settled long ago.
    if (sequence <= (this.#newestHeard[track] ?? -1) && !this.isWanted(track, sequence)) return;
    const newest = this.#context.store.newest(track)?.sequence;
    if (newest !== undefined && sequence > newest + CLAIM_AHEAD_CHUNKS) return;
    const sourceTimeMs = this.#timeline.sourceTimeMs(track, sequence) ?? 0;
    if (sourceTimeMs > this.#timeline.sourceNowMs + CLAIM_AHEAD_MS) return;
    this.#newestHeard[track] = Math.max(this.#newestHeard[track] ?? 0, sequence);
    const key = chunkKey(track, sequence);
    if (this.#heardAtMs.has(key) || !this.isWanted(track, sequence)) return;
    this.#heardAtMs.set(key, this.#context.nowMs);
    this.lookWithin(this.#context.options.repairSlackMs);
    if (this.#heardAtMs.size > 8 * GAP_CHUNKS_MAX) {
      const oldest = this.#heardAtMs.keys().next();
      if (!oldest.done) this.#heardAtMs.delete(oldest.value);
    }
  }

  /**
   * Other tracks are further: then this one's chunks of the same time exist, though nobody told.
   * @param newestSourceTimeMs Of any track.
   */
  presume(track: number, newestSourceTimeMs: number): void {
    const newest = this.#context.store.newest(track);
    if (newest === undefined) return;
    const behindMs = newestSourceTimeMs - newest.sourceTimeMs - newest.durationMs;
    const chunks = Math.min(Math.floor(behindMs / newest.durationMs), CLAIM_AHEAD_CHUNKS);
    if (chunks > 0) this.heard(track, newest.sequence + chunks);
  }

  /** A block is here: nobody else need send it. @returns Whether it had been asked for. */
  arrived(block: Block, from: PeerId | "origin"): boolean {
    const { track, sequence, index } = block;
    const key = blockKey(track, sequence, index);
    this.#tried.delete(key);
    const request = this.#settle(key);
    if (this.#pulls) this.lookWithin(PULL_PAUSE_MS);
    const stripe = this.#context.stripes.ofBlock(block);
    if (request?.isPushed && stripe !== undefined) this.#scheduler.overdue(stripe, from);
    if (request !== undefined && request.holder !== from) {
      this.#context.send(request.holder, { type: "cancel", track, sequence, index });
    }
    return request !== undefined;
  }

  denied({ track, sequence, index, reason }: PeerMessage & { type: "deny" }, by: PeerId): void {
    const key = blockKey(track, sequence, index);
    if (this.#inFlight.get(key)?.holder !== by) return;
    this.#settle(key);
    this.#noteTried(key, by);
    if (reason === "not-held") this.#doubt(by, track, sequence, index);
    // Where all goes by request everybody is busy now and then; the others are asked first.
    const isMistaken = reason === "not-held" || !this.#pulls;
    if (isMistaken) this.#context.neighbors.get(by)?.retractClaim(track, sequence, index);
    this.lookWithin(0);
  }

  neighborGone(peer: PeerId): void {
    for (const [key, request] of this.#inFlight) {
      if (request.holder === peer) this.#inFlight.delete(key);
    }
    this.lookWithin(0);
  }

  /** A fetch ended. */
  fetched(track: number, sequence: number): void {
    this.#fetching.delete(chunkKey(track, sequence));
    this.lookWithin(0);
  }

  /** Whether the chunk is being fetched, or here and being checked. */
  isFetching(track: number, sequence: number): boolean {
    const isUnderWay = this.#fetching.has(chunkKey(track, sequence));
    return isUnderWay || this.#context.checks.hasAnyOf(track, sequence);
  }

  /** @param indexes Only these blocks; all of them when left out. */
  fetch(track: number, sequence: number, indexes?: readonly number[]): void {
    this.#fetching.add(chunkKey(track, sequence));
    const chunk = { type: "fetch", track, sequence } as const;
    this.#context.emit(indexes === undefined ? chunk : { ...chunk, indexes });
  }

  /** Something may become due in this time. */
  lookWithin(ms: number): void {
    this.dueAtMs = Math.min(this.dueAtMs, this.#context.nowMs + ms);
  }

  /** Ask for what is due. */
  housekeep(): void {
    const { nowMs, stripes, options } = this.#context;
    const rateBps = stripes.streamRateBps();
    this.#seederBudget.setRate(rateBps * options.rescueShare, nowMs);
    this.#originBudget.setRate(rateBps * options.originShare, nowMs);
    this.#patience.setRate(rateBps * PATIENT_SHARE, nowMs, (rateBps * PATIENT_BURST_MS) / 8000);
    this.#fadePromises();
    this.#expireRequests();
    this.#begin();
    if (this.#pulls) this.#pull();
    let wakeAtMs = Number.POSITIVE_INFINITY;
    const trackCount = this.#newestHeard.length;
    for (let track = 0; track < trackCount; track++) {
      wakeAtMs = Math.min(wakeAtMs, this.#repairTrack(track));
    }
    for (const request of this.#inFlight.values()) {
      wakeAtMs = Math.min(wakeAtMs, request.askedAtMs + options.requestTimeoutMs);
    }
    this.dueAtMs = wakeAtMs;
  }

  /** First chunk still wanted of which this stripe's block is neither here nor asked for. */
  firstLacking(stripe: Stripe): number {
    const { store, stripes } = this.#context;
    const { track } = stripe;
    const newest = store.newest(track)?.sequence;
    const first = this.#nextWanted[track] ?? newest ?? 0;
    for (let sequence = first; sequence <= (newest ?? -1); sequence++) {
      for (const hole of this.#holes(track, sequence)) {
        const isOfStripe = stripes.ofBlock({ track, sequence, index: hole.index }) === stripe;
        if (isOfStripe && !this.#inFlight.has(hole.key)) return sequence;
      }
    }
    return (newest ?? first - 1) + 1;
  }

  /** Sequence the track continues with, as far as anybody knows; undefined before the start. */
  nextUnheard(track: number): number | undefined {
    const newest = this.#context.store.newest(track)?.sequence;
    return newest === undefined ? undefined : Math.max(newest, this.#newestHeard[track] ?? 0) + 1;
  }

  /**
   * Without a join response a newcomer begins by what a neighbor holds: at its newest independent
   * chunk of the track where that is furthest back, and at the same distance in the others.
   */
  #begin(): void {
    const { nowMs, neighbors, store, random } = this.#context;
    if (store.newestSourceTimeMs() !== undefined) return;
    const isBegun = this.#nextWanted.length > 0;
    if (isBegun && nowMs < this.#beganAtMs + BEGIN_AGAIN_MS) return;
    const tracks = this.#context.stripes.tracks();
    const offers = [...neighbors.values()]
      .map((neighbor) => tracks.map((track) => neighbor.reach(track)))
      .filter((reaches) => reaches.every((reach) => reach !== undefined));
    const offer = offers[Math.floor(random() * offers.length)];
    if (offer === undefined) return;
    const backChunks = Math.max(...offer.map(({ newest, start }) => newest - start));
    this.#beganAtMs = nowMs;
    for (const [place, { newest }] of offer.entries()) {
      const track = tracks[place] ?? place;
      this.#nextWanted[track] = Math.max(0, newest - backChunks);
      this.#newestHeard[track] = newest;
    }
  }

  #repairTrack(track: number): number {
    const heard = this.#newestHeard[track];
    if (heard === undefined) return Number.POSITIVE_INFINITY;
    // Before the first verified block claims had nothing to be held against.
    const verified = this.#context.store.newest(track)?.sequence ?? heard;
    const newest = Math.min(heard, verified + CLAIM_AHEAD_CHUNKS);
    let next = this.#nextWanted[track] ?? newest;
    if (newest - next > GAP_CHUNKS_MAX) next = newest;
    next = this.#skipSettled(track, next, newest);
    this.#nextWanted[track] = next;
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (let sequence = next; sequence <= newest; sequence++) {
      wakeAtMs = Math.min(wakeAtMs, this.#repairChunk(track, sequence));
    }
    return wakeAtMs;
  }

  /** Move past chunks that are complete and those whose time has gone by. */
  #skipSettled(track: number, from: number, newest: number): number {
    let sequence = from;
    for (; sequence <= newest; sequence++) {
      const chunk = this.#context.store.chunk(track, sequence);
      const isComplete = chunk !== undefined && chunk.heldCount === chunk.blocks.length;
      if (!isComplete) {
        const sourceTimeMs = this.#timeline.sourceTimeMs(track, sequence);
        const isOver =
          sourceTimeMs !== undefined &&
          this.#timeline.deadlineMs(sourceTimeMs) + 200 < this.#context.nowMs;
        if (!isOver) break;
        this.#missedCount++;
      }
      this.#heardAtMs.delete(chunkKey(track, sequence));
    }
    return sequence;
  }

  #repairChunk(track: number, sequence: number): number {
    const { nowMs, options } = this.#context;
    const sourceTimeMs = this.#timeline.sourceTimeMs(track, sequence);
    const deadlineMs = this.#deadlineMs(track, sequence);
    let wakeAtMs = Number.POSITIVE_INFINITY;
    let rescueAtMs = Number.POSITIVE_INFINITY;
    const overdue: number[] = [];
    const asks: Asks = new Map();
    for (const hole of this.#holes(track, sequence)) {
      const request = this.#inFlight.get(hole.key);
      const { dueAtMs, isPushed } = this.#expectation(track, sequence, hole.index, sourceTimeMs);
      if (request === undefined && dueAtMs > nowMs) {
        wakeAtMs = Math.min(wakeAtMs, dueAtMs);
        continue;
      }
      const holder = request ?? this.#ask(track, sequence, hole, deadlineMs, isPushed, asks);
      const hopeEndsAtMs = request === undefined ? nowMs : request.askedAtMs + ANSWER_HOPE_MS;
      if (holder === undefined) wakeAtMs = Math.min(wakeAtMs, nowMs + LOOK_AGAIN_MS);
      const isHopeful = holder !== undefined && request === undefined;
      const helpAtMs = isHopeful ? nowMs + ANSWER_HOPE_MS : hopeEndsAtMs;
      const holeRescueAtMs = Math.max(helpAtMs, deadlineMs - options.rescueAheadMs);
      if (holeRescueAtMs <= nowMs) overdue.push(hole.index);
      rescueAtMs = Math.min(rescueAtMs, holeRescueAtMs);
    }
    this.#request(track, sequence, asks);
    if (this.isFetching(track, sequence)) return wakeAtMs;
    if (rescueAtMs > nowMs) return Math.min(wakeAtMs, rescueAtMs);
    const count = this.#context.store.chunk(track, sequence)?.blocks.length;
    const share = count === undefined ? 1 : overdue.length / count;
    if (this.#originBudget.take(share * this.#context.stripes.chunkBytes(track), nowMs)) {
      // The few that are missing, or the chunk with all its blocks.
      this.fetch(track, sequence, share <= FETCH_BLOCKS_SHARE ? overdue : undefined);
      return wakeAtMs;
    }
    return Math.min(wakeAtMs, nowMs + LOOK_AGAIN_MS);
  }

  /** As far as it can be told: before the first block a second from now. */
  #deadlineMs(track: number, sequence: number): number {
    const sourceTimeMs = this.#timeline.sourceTimeMs(track, sequence);
    if (sourceTimeMs === undefined) return this.#context.nowMs + 1000;
    return this.#timeline.deadlineMs(sourceTimeMs);
  }

  get #pulls(): boolean {
    return this.#scheduler.rank !== undefined;
  }

  /** Ask for what neighbors claim, in the order of the strategy; the rest is looked after as ever. */
  #pull(): void {
    const asksOf = new Map<ClaimedChunk, Asks>();
    for (const { chunk, hole } of this.#claimed().sort((a, b) => a.rank - b.rank)) {
      const asks: Asks = asksOf.get(chunk) ?? new Map();
      asksOf.set(chunk, asks);
      this.#ask(chunk.track, chunk.sequence, hole, chunk.deadlineMs, false, asks);
    }
    for (const [{ track, sequence }, asks] of asksOf) this.#request(track, sequence, asks);
  }

  /** What is due and neither here nor asked for, and claimed by somebody. */
  #claimed(): { chunk: ClaimedChunk; hole: Hole; rank: number }[] {
    const claimed: { chunk: ClaimedChunk; hole: Hole; rank: number }[] = [];
    const { nowMs } = this.#context;
    const neighbors = [...this.#context.neighbors.values()];
    for (const [track, newest] of this.#newestHeard.entries()) {
      if (newest === undefined) continue;
      for (let sequence = this.#nextWanted[track] ?? newest; sequence <= newest; sequence++) {
        const sourceTimeMs = this.#timeline.sourceTimeMs(track, sequence);
        const deadlineMs = this.#deadlineMs(track, sequence);
        const chunk = { track, sequence, deadlineMs };
        for (const hole of this.#holes(track, sequence)) {
          if (this.#inFlight.has(hole.key)) continue;
          if (this.#expectation(track, sequence, hole.index, sourceTimeMs).dueAtMs > nowMs)
            continue;
          const isHeld = (neighbor: Neighbor) => neighbor.holds(track, sequence, hole.index);
          const holders = neighbors.filter(isHeld).length;
          if (holders === 0) continue;
          const rank = this.#scheduler.rank?.({ deadlineMs, holders }) ?? 0;
          claimed.push({ chunk, hole, rank });
        }
      }
    }
    return claimed;
  }

  #request(track: number, sequence: number, asks: Asks): void {
    for (const [holder, indexes] of asks) {
      for (let at = 0; at < indexes.length; at += WIRE_LIMITS.requestBlocks) {
        const slice = indexes.slice(at, at + WIRE_LIMITS.requestBlocks);
        this.#context.send(holder.peer, { type: "request", track, sequence, indexes: slice });
      }
    }
  }

  /** Blocks of a chunk that neither are here nor are being checked. Of a chunk never seen, those that neighbors claim. */
  *#holes(track: number, sequence: number): Iterable<Hole> {
    const chunk = this.#context.store.chunk(track, sequence);
    let count = chunk?.blocks.length ?? 0;
    if (chunk === undefined) {
      for (const neighbor of this.#context.neighbors.values()) {
        count = Math.max(count, neighbor.claimOf(track, sequence)?.has.length ?? 0);
      }
      count = Math.max(count, 1);
    }
    for (let index = 0; index < count; index++) {
      if (chunk?.blocks[index] !== undefined) continue;
      if (this.#context.checks.has(track, sequence, index)) continue;
      yield { index, key: blockKey(track, sequence, index) };
    }
  }

  /** When a block is to be requested if it is not here, and whether somebody owes it to us. */
  #expectation(
    track: number,
    sequence: number,
    index: number,
    sourceTimeMs: number | undefined,
  ): Expectation {
    const { stripes, nowMs, options, patience, sourceOffsetMs } = this.#context;
    const stripe = stripes.ofBlock({ track, sequence, index });
    if (stripe === undefined) return { dueAtMs: nowMs, isPushed: false };
    const heardAtMs = this.#heardAtMs.get(chunkKey(track, sequence)) ?? nowMs;
    const expectation = this.#scheduler.expectation(stripe, heardAtMs, sourceTimeMs);
    if (sourceTimeMs === undefined) return expectation;
    // However patient we are: a holder has to be asked while it can still help.
    const deadlineMs = this.#timeline.deadlineMs(sourceTimeMs);
    const leastMs = expectation.dueAtMs - (patience.ms - options.repairSlackMs);
    const lastMs = Math.max(deadlineMs - LAST_ASK_AHEAD_MS, leastMs);
    // What usually comes after its deadline is not waited for, and what might is not waited for to the end.
    const usualMs = sourceTimeMs - sourceOffsetMs + (stripes.lagMs(stripe) ?? 0);
    const isHopeless = usualMs > deadlineMs - TOO_LATE_AHEAD_MS;
    const aheadMs = isHopeless ? options.rescueAheadMs : LAST_HOPE_AHEAD_MS;
    const askAtMs = Math.min(lastMs, deadlineMs - aheadMs);
    return { ...expectation, dueAtMs: Math.min(expectation.dueAtMs, askAtMs) };
  }

  #ask(
    track: number,
    sequence: number,
    hole: Hole,
    deadlineMs: number,
    isPushed: boolean,
    asks: Map<Neighbor, number[]>,
  ): Neighbor | undefined {
    const { nowMs } = this.#context;
    const holder = this.#bestHolder(track, sequence, hole, deadlineMs);
    if (holder === undefined) return undefined;
    const isEarly = !this.#pulls && deadlineMs - nowMs > PATIENT_AHEAD_MS;
    if (isEarly && !this.#patience.take(USUAL_BLOCK_PAYLOAD_BYTES, nowMs)) return undefined;
    const indexes = asks.get(holder) ?? [];
    asks.set(holder, indexes);
    indexes.push(hole.index);
    this.#inFlight.set(hole.key, { holder: holder.peer, askedAtMs: nowMs, isPushed });
    holder.inFlight++;
    holder.noteAsked(track, sequence, hole.index);
    return holder;
  }

  #bestHolder(
    track: number,
    sequence: number,
    hole: Hole,
    deadlineMs: number,
  ): Neighbor | undefined {
    const { nowMs, neighbors, options } = this.#context;
    const inFlightMax = this.#pulls ? options.pullsInFlight : IN_FLIGHT_PER_HOLDER;
    const tried = this.#tried.get(hole.key);
    const stripe = this.#context.stripes.ofBlock({ track, sequence, index: hole.index });
    const sourceTimeMs = this.#timeline.sourceTimeMs(track, sequence);
    const ageMs = this.#timeline.sourceNowMs - (sourceTimeMs ?? Number.NaN);
    let best: Neighbor | undefined;
    let bestCost = Number.POSITIVE_INFINITY;
    for (const neighbor of neighbors.values()) {
      if (neighbor.isCongested || neighbor.inFlight >= inFlightMax) continue;
      if (tried?.has(neighbor.peer)) continue;
      const isClaimed = neighbor.holds(track, sequence, hole.index);
      const hasSaidNothing = !isClaimed && neighbor.claimOf(track, sequence) === undefined;
      if (!isClaimed && !(hasSaidNothing && this.#isPresumed(neighbor, stripe, ageMs))) continue;
      const isSeeder = neighbor.role === "seeder";
      // What the seeder claims is for us where all goes by request.
      const isSpared = isSeeder && !(this.#pulls && isClaimed);
      if (isSpared && deadlineMs - nowMs > SEEDER_AHEAD_MS) continue;
      const cost =
        (neighbor.rttMs ?? 50) +
        30 * neighbor.inFlight +
        200 * neighbor.brokenPromises +
        (isClaimed ? 0 : PRESUMED_MS) +
        (isSpared ? 1000 : 0);
      if (cost < bestCost) {
        best = neighbor;
        bestCost = cost;
      }
    }
    // Everybody failed once: start over rather than wait for the origin.
    if (best === undefined && tried !== undefined) this.#tried.delete(hole.key);
    const isOffered = this.#pulls && best?.holds(track, sequence, hole.index) === true;
    if (
      best?.role === "seeder" &&
      !isOffered &&
      !this.#seederBudget.take(USUAL_BLOCK_PAYLOAD_BYTES, nowMs)
    ) {
      return undefined;
    }
    return best;
  }

  /** By its usual lag the neighbor has the block, though its news has not said so yet. */
  #isPresumed(neighbor: Neighbor, stripe: Stripe | undefined, ageMs: number): boolean {
    if (stripe === undefined || neighbor.isDoubted(stripe, this.#context.nowMs)) return false;
    const lagMs = neighbor.lagMs(stripe);
    return lagMs !== undefined && ageMs > lagMs + PRESUMED_MS;
  }

  #doubt(peer: PeerId, track: number, sequence: number, index: number): void {
    const neighbor = this.#context.neighbors.get(peer);
    const stripe = this.#context.stripes.ofBlock({ track, sequence, index });
    if (neighbor === undefined || stripe === undefined) return;
    if (neighbor.claimOf(track, sequence) === undefined) {
      neighbor.doubt(stripe, this.#context.nowMs + DOUBT_MS);
    }
  }

  #expireRequests(): void {
    const { nowMs, options, neighbors } = this.#context;
    for (const [key, request] of this.#inFlight) {
      if (nowMs - request.askedAtMs < options.requestTimeoutMs) continue;
      this.#settle(key);
      this.#noteTried(key, request.holder);
      const holder = neighbors.get(request.holder);
      if (holder !== undefined) holder.brokenPromises++;
    }
  }

  #settle(key: number): Request | undefined {
    const request = this.#inFlight.get(key);
    if (request === undefined) return undefined;
    this.#inFlight.delete(key);
    const holder = this.#context.neighbors.get(request.holder);
    if (holder !== undefined) holder.inFlight--;
    return request;
  }

  #noteTried(key: number, holder: PeerId): void {
    const tried = this.#tried.get(key) ?? new Set<PeerId>();
    this.#tried.set(key, tried.add(holder));
    if (this.#tried.size <= 4096) return;
    const oldest = this.#tried.keys().next();
    if (!oldest.done) this.#tried.delete(oldest.value);
  }

  #fadePromises(): void {
    const elapsedMs = this.#context.nowMs - this.#fadedAtMs;
    if (elapsedMs < 1000) return;
    this.#fadedAtMs = this.#context.nowMs;
    for (const neighbor of this.#context.neighbors.values()) {
      neighbor.brokenPromises *= 0.5 ** (elapsedMs / PROMISE_HALF_LIFE_MS);
    }
  }
}
