import { KIND, packed } from "./events.ts";
import { type FlatWorld, optionsOf } from "./flat-world.ts";

/** As in mesh/src/uplink.ts, by the same names. */
const ROUND_MS = 250;
/** Something happens at every peer at least this often, in ms: then the engine looks what is due. */
const QUIET_MS = 50;
const FULL_BYTES = 2048;
const CAPACITY_GAIN = 0.4;
const USE_OF_CAPACITY = 0.9;
const SAMPLE_AGE_MS = 4000;
const QUEUE_HIGH_MS = 250;
const QUEUE_LOW_MS = 100;
const BACK_OFF = 0.8;
const SETTLE_MS = 1500;
const USED_SHARE = 0.6;
const FAST_GROWTH = 1.25;
const SLOW_GROWTH = 1.02;
const START_OF_STREAM_RATE = 1.5;
const HOPE_OF_STREAM_RATE = 2.5;
const PACE_FAST = 3;
const PACE = 1.2;
const LEAST_BPS = 128_000;
const BUSY_MS = 60;
const LEAST_BUSY_BYTES = 32 * 1024;
/** Of mesh/src/liveness.ts: a round trip is measured about this often, all neighbors together. */
const MEASURE_MS = 600;
/** Of mesh/src/mesh-engine.ts. */
const UPLINK_NEWS_MS = 5000;
/** Round trips that still tell: as many as are measured while the first of them is fresh. */
const SAMPLES = Math.floor(SAMPLE_AGE_MS / MEASURE_MS);
/** A ping or a pong, in bytes. */
const PING_BYTES = 5;

/** What each uplink is found to carry, by use: mesh/src/uplink.ts for all peers. */
export class FlatUplinks {
  /** What neighbors are told, in bit/s. */
  readonly announcedBps: Float64Array;
  readonly #world: FlatWorld;
  /** 0 until it was thought over for the first time. */
  readonly #budgetBps: Float64Array;
  readonly #capacityBps: Float64Array;
  readonly #isFast: Uint8Array;
  readonly #sentBytes: Float64Array;
  readonly #roundCount: Uint32Array;
  readonly #roundAtMs: Float32Array;
  readonly #bufferedAtStart: Float32Array;
  readonly #leastBuffered: Float32Array;
  readonly #settledAtMs: Float32Array;
  readonly #class: Uint8Array;
  readonly #toldAtMs: Float32Array;
  readonly #samples: Float32Array;
  readonly #sampleCount: Uint16Array;
  readonly #sorted = new Float32Array(SAMPLES);

  constructor(world: FlatWorld) {
    const peers = world.peers.capacity;
    this.#world = world;
    this.announcedBps = new Float64Array(peers);
    this.#budgetBps = new Float64Array(peers);
    this.#capacityBps = new Float64Array(peers);
    this.#isFast = new Uint8Array(peers).fill(1);
    this.#isFast[0] = 0;
    this.#sentBytes = new Float64Array(peers);
    this.#roundCount = new Uint32Array(peers);
    this.#roundAtMs = new Float32Array(peers);
    this.#bufferedAtStart = new Float32Array(peers);
    this.#leastBuffered = new Float32Array(peers);
    this.#settledAtMs = new Float32Array(peers);
    this.#class = new Uint8Array(peers);
    this.#toldAtMs = new Float32Array(peers);
    this.#samples = new Float32Array(peers * SAMPLES);
    this.#sampleCount = new Uint16Array(peers);
  }

  begin(peer: number): void {
    this.#roundAtMs[peer] = this.#world.wheel.nowMs;
    this.#tell(peer);
    this.#wake(peer);
  }

  /** The engine looks at its uplink with the first event after a round, mostly a block: when it is busy. */
  lookIfDue(peer: number): void {
    const { wheel, children } = this.#world;
    if (wheel.nowMs < (this.#roundAtMs[peer] as number) + ROUND_MS) return;
    this.#round(peer);
    children.round(peer);
  }

  timer(peer: number): void {
    if (!this.#world.peers.isAlive(peer)) return;
    this.lookIfDue(peer);
    this.#wake(peer);
  }

  /** What a peer may send now, in bit/s. */
  budgetBps(peer: number): number {
    const { uploadLimitBps } = optionsOf(this.#world, peer);
    const found = this.#budgetBps[peer] as number;
    if (peer === 0) return found || uploadLimitBps;
    return Math.min(found || START_OF_STREAM_RATE * this.#world.plan.rateBps, uploadLimitBps);
  }

  /** How fast blocks are handed to the links, in bit/s. */
  paceBps(peer: number): number {
    const pace = this.#isFast[peer] === 1 ? PACE_FAST : PACE;
    return Math.min(optionsOf(this.#world, peer).uploadLimitBps, this.budgetBps(peer) * pace);
  }

  /** What a peer places itself by, in bit/s: neighbors hear of it a little later. */
  classBps(peer: number): number {
    this.#classify(peer);
    return 2 ** (this.#class[peer] as number);
  }

  /** How long what it sends waits before it leaves, in ms. */
  queueMs(peer: number): number {
    const waiting = this.#world.network.bufferedBytes(peer);
    const waitingMs = (waiting * 8000) / Math.max(1, this.budgetBps(peer));
    return Math.max(waitingMs, this.#roundTripQueueMs(peer) ?? 0);
  }

  /** How long the links still have enough to do, in ms; 0 when they can take more. */
  busyForMs(peer: number): number {
    const bytes = this.#world.network.bufferedBytes(peer);
    this.#leastBuffered[peer] = Math.min(this.#leastBuffered[peer] as number, bytes);
    const enough = Math.max(LEAST_BUSY_BYTES, (this.budgetBps(peer) * BUSY_MS) / 8000);
    const uplinkBps = this.#world.peers.uplinkBps[peer] as number;
    return bytes > enough ? ((bytes - enough) * 8000) / uplinkBps : 0;
  }

  noteSent(peer: number, bytes: number): void {
    this.#sentBytes[peer] = (this.#sentBytes[peer] as number) + bytes;
  }

  /** A ping through a link and its pong: both queues show. New neighbors are measured at once. */
  measure(slot: number): void {
    const { links, network } = this.#world;
    const peer = links.ownerOf(slot);
    const other = links.peer[slot] as number;
    const queueMs = network.backlogMs(peer) + network.backlogMs(other);
    const count = this.#sampleCount[peer] as number;
    this.#samples[peer * SAMPLES + (count % SAMPLES)] = queueMs;
    this.#sampleCount[peer] = count + 1;
    const roundTripMs = links.roundTripMs[slot] as number;
    const sampleMs = queueMs + 2 * (links.oneWayMs[slot] as number);
    links.roundTripMs[slot] = roundTripMs + 0.25 * (sampleMs - roundTripMs);
    network.occupy(peer, 1, PING_BYTES);
    network.occupy(other, 1, PING_BYTES);
  }

  #wake(peer: number): void {
    const atMs = (this.#roundAtMs[peer] as number) + ROUND_MS + QUIET_MS;
    this.#world.wheel.push(atMs, packed(KIND.roundTimer, peer), 0, 0);
  }

  #round(peer: number): void {
    const { wheel, network } = this.#world;
    this.#measureSome(peer);
    const buffered = network.bufferedBytes(peer);
    const isFull = Math.min(this.#leastBuffered[peer] as number, buffered) > FULL_BYTES;
    const sent = this.#sentBytes[peer] as number;
    const elapsedMs = Math.max(1, wheel.nowMs - (this.#roundAtMs[peer] as number));
    const leftBytes = sent - (buffered - (this.#bufferedAtStart[peer] as number));
    this.#roundCount[peer] = (this.#roundCount[peer] as number) + 1;
    this.#roundAtMs[peer] = wheel.nowMs;
    this.#sentBytes[peer] = 0;
    this.#bufferedAtStart[peer] = buffered;
    this.#leastBuffered[peer] = buffered;
    if (isFull) this.#limit(peer, (leftBytes * 8000) / elapsedMs);
    else this.#adjust(peer, sent > 0);
    this.#tell(peer);
  }

  #limit(peer: number, drainedBps: number): void {
    const before = (this.#capacityBps[peer] as number) || drainedBps;
    const capacityBps = before + CAPACITY_GAIN * (drainedBps - before);
    this.#capacityBps[peer] = capacityBps;
    this.#isFast[peer] = 0;
    const usableBps = Math.max(LEAST_BPS, USE_OF_CAPACITY * capacityBps);
    this.#budgetBps[peer] = Math.min(optionsOf(this.#world, peer).uploadLimitBps, usableBps);
  }

  #adjust(peer: number, hasSent: boolean): void {
    const { wheel, children } = this.#world;
    const { nowMs } = wheel;
    const { uploadLimitBps, pushShare } = optionsOf(this.#world, peer);
    const queueMs = this.#roundTripQueueMs(peer);
    if (queueMs === undefined || nowMs < (this.#settledAtMs[peer] as number)) return;
    const budgetBps = this.budgetBps(peer);
    const promisedBps = children.promisedBps[peer] as number;
    const isUsed = hasSent && promisedBps > USED_SHARE * pushShare * budgetBps;
    if (queueMs > QUEUE_HIGH_MS) {
      this.#budgetBps[peer] = Math.min(uploadLimitBps, Math.max(LEAST_BPS, BACK_OFF * budgetBps));
      this.#isFast[peer] = 0;
      this.#settledAtMs[peer] = nowMs + SETTLE_MS;
    } else if (queueMs < QUEUE_LOW_MS && isUsed) {
      const growth = this.#isFast[peer] === 1 ? FAST_GROWTH : SLOW_GROWTH;
      this.#budgetBps[peer] = Math.min(uploadLimitBps, budgetBps * growth);
    }
  }

  /** A neighbor is measured now and then, whichever. */
  #measureSome(peer: number): void {
    const { links, random } = this.#world;
    const dueRounds = MEASURE_MS / ROUND_MS;
    const count = this.#roundCount[peer] as number;
    if (Math.floor(count / dueRounds) === Math.floor((count - 1) / dueRounds)) return;
    const first = links.first(peer);
    const slots = links.end(peer) - first;
    for (let tries = 0; tries < 2 * slots; tries++) {
      const slot = first + Math.floor(random() * slots);
      if (links.peer[slot] === -1) continue;
      this.measure(slot);
      return;
    }
  }

  /** Median of the last few; two at least, or one slow path looks like our own. */
  #roundTripQueueMs(peer: number): number | undefined {
    const count = Math.min(SAMPLES, this.#sampleCount[peer] as number);
    if (count < 2) return undefined;
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#samples.subarray(peer * SAMPLES, peer * SAMPLES + count));
    sorted.sort();
    return sorted[(count - 1) >> 1];
  }

  /** An uplink that was never full is taken for a good one. */
  #hopedBps(peer: number): number {
    const budgetBps = this.budgetBps(peer);
    if (this.#isFast[peer] === 0) return budgetBps;
    const { uploadLimitBps } = optionsOf(this.#world, peer);
    const hopeBps = HOPE_OF_STREAM_RATE * this.#world.plan.rateBps;
    return Math.max(budgetBps, Math.min(uploadLimitBps, hopeBps));
  }

  /** A class that was left is not entered by a hair. */
  #classify(peer: number): void {
    const step = Math.log2(Math.max(1, this.#hopedBps(peer)));
    if (Math.abs(step - (this.#class[peer] as number)) > 0.8) this.#class[peer] = Math.round(step);
  }

  #tell(peer: number): void {
    const { nowMs } = this.#world.wheel;
    const classBps = this.classBps(peer);
    const isNew = classBps !== this.announcedBps[peer];
    const isFirst = this.announcedBps[peer] === 0;
    if (!isNew || (!isFirst && nowMs < (this.#toldAtMs[peer] as number) + UPLINK_NEWS_MS)) return;
    this.announcedBps[peer] = classBps;
    this.#toldAtMs[peer] = nowMs;
  }
}
