import type { MeshContext } from "./context.ts";
import type { Part } from "./part.ts";

/** How often the budget is thought over, in ms. */
const ROUND_MS = 250;
/** A buffer that never fell below this in a round, in bytes, means that the uplink was full. */
const FULL_BYTES = 2048;
/** Weight of a round's drain rate in what the uplink is taken to carry. */
const CAPACITY_GAIN = 0.4;
/** Share of a full uplink's drain rate that is used: what is waiting has to leave as well. */
const USE_OF_CAPACITY = 0.9;
/** Round trips this old no longer tell of now, in ms. */
const SAMPLE_AGE_MS = 4000;
/** Round trips this much above their shortest, in ms, tell of a full uplink whose queue we do not see;
 * below the second one there is room (HRC, limits B1). */
const QUEUE_HIGH_MS = 250;
const QUEUE_LOW_MS = 100;
const BACK_OFF = 0.8;
/** After backing off by round trips it takes this long, in ms, until they show it. */
const SETTLE_MS = 1500;
/** The budget grows only while this share of what may be promised is promised, and something is sent. */
const USED_SHARE = 0.6;
/** Growth a round: until the first sign of a full uplink, and from then on. */
const FAST_GROWTH = 1.25;
const SLOW_GROWTH = 1.02;
/** At the start the uplink is believed to carry the stream this many times, unless the limit is below:
 * few children, or a weak uplink disappoints many before it knows itself. */
const START_OF_STREAM_RATE = 1.5;
/** What an uplink that was never full is hoped to carry, times the stream. */
const HOPE_OF_STREAM_RATE = 2.5;
const PACE_FAST = 3;
const PACE = 1.2;
const LEAST_BPS = 128_000;
/** The links have enough to do when this much waits in them: in time, in ms, but a block at least. What
 * waits with us can still be canceled, reordered or given up. */
const BUSY_MS = 60;
const LEAST_BUSY_BYTES = 32 * 1024;

/**
 * What our uplink carries, found by use. While bytes wait in the links' buffers without a break, what
 * leaves them is what the uplink carries; most neighbors' round trips growing at once tells of a queue
 * behind them. Starts modest, grows while it is used to the full, and backs off.
 */
export class Uplink implements Part {
  readonly #context: MeshContext;
  readonly #bufferedBytes: () => number;
  readonly #onRound: () => void;
  readonly #promisedBps: () => number;
  #budgetBps: number | undefined;
  #capacityBps: number | undefined;
  #isFast: boolean;
  #sentBytes = 0;
  #roundAtMs = 0;
  #bufferedAtStart = 0;
  #leastBuffered = 0;
  #settledAtMs = 0;
  #class = 0;
  dueAtMs = 0;

  /**
   * @param bufferedBytes What was handed to the links and has not left yet.
   * @param promisedBps What of the uplink neighbors count on.
   * @param onRound Told after each look at the uplink: what was promised may be too much now.
   */
  constructor(
    context: MeshContext,
    bufferedBytes: () => number,
    promisedBps: () => number,
    onRound: () => void,
  ) {
    this.#context = context;
    this.#promisedBps = promisedBps;
    this.#bufferedBytes = bufferedBytes;
    this.#onRound = onRound;
    this.#isFast = context.role === "viewer";
  }

  /** What we may send now, in bit/s. */
  get budgetBps(): number {
    const { options, role, stripes } = this.#context;
    const { uploadLimitBps } = options;
    if (role === "seeder") return Math.min(this.#budgetBps ?? uploadLimitBps, uploadLimitBps);
    const startBps = START_OF_STREAM_RATE * stripes.streamRateBps();
    return Math.min(this.#budgetBps ?? startBps, uploadLimitBps);
  }

  /** How fast blocks are handed to the links, in bit/s: what they carry is found out by that. */
  get paceBps(): number {
    const { options } = this.#context;
    return Math.min(options.uploadLimitBps, this.budgetBps * (this.#isFast ? PACE_FAST : PACE));
  }

  /**
   * What neighbors place us by, in steps of two, which change seldom. An uplink that was never full is
   * taken for a good one: if not being used made it count for little, it would never be used.
   */
  get classBps(): number {
    this.classify();
    return 2 ** this.#class;
  }

  /** Whenever what it depends on has changed: a class that was left is not entered by a hair. */
  classify(): void {
    const { options, stripes } = this.#context;
    const hopedBps = Math.min(
      options.uploadLimitBps,
      HOPE_OF_STREAM_RATE * stripes.streamRateBps(),
    );
    const bps = this.#isFast ? Math.max(this.budgetBps, hopedBps) : this.budgetBps;
    const step = Math.log2(Math.max(1, bps));
    if (Math.abs(step - this.#class) > 0.8) this.#class = Math.round(step);
  }

  /** How long what we send waits before it leaves, in ms. */
  get queueMs(): number {
    const waitingMs = (this.#bufferedBytes() * 8000) / Math.max(1, this.budgetBps);
    return Math.max(waitingMs, this.#roundTripQueueMs() ?? 0);
  }

  /** For so long the links have enough to do, in ms. */
  get busyForMs(): number {
    const bytes = this.#bufferedBytes();
    this.#leastBuffered = Math.min(this.#leastBuffered, bytes);
    const { budgetBps } = this;
    const enoughBytes = Math.max(LEAST_BUSY_BYTES, (budgetBps * BUSY_MS) / 8000);
    return Math.max(0, ((bytes - enoughBytes) * 8000) / budgetBps);
  }

  noteSent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  housekeep(): void {
    const { nowMs } = this.#context;
    this.dueAtMs = nowMs + ROUND_MS;
    const elapsedMs = nowMs - this.#roundAtMs;
    const buffered = this.#bufferedBytes();
    const isFull = Math.min(this.#leastBuffered, buffered) > FULL_BYTES;
    const leftBytes = this.#sentBytes - (buffered - this.#bufferedAtStart);
    const hasSent = this.#sentBytes > 0;
    this.#roundAtMs = nowMs;
    this.#sentBytes = 0;
    this.#bufferedAtStart = buffered;
    this.#leastBuffered = buffered;
    if (isFull) this.#limit((leftBytes * 8000) / elapsedMs);
    else this.#adjust(hasSent);
    this.classify();
    this.#onRound();
  }

  /** The uplink was full for a whole round, and this left it. */
  #limit(drainedBps: number): void {
    const { options } = this.#context;
    const before = this.#capacityBps ?? drainedBps;
    this.#capacityBps = before + CAPACITY_GAIN * (drainedBps - before);
    this.#isFast = false;
    const usableBps = Math.max(LEAST_BPS, USE_OF_CAPACITY * this.#capacityBps);
    this.#budgetBps = Math.min(options.uploadLimitBps, usableBps);
  }

  #adjust(hasSent: boolean): void {
    const { nowMs, options } = this.#context;
    const queueMs = this.#roundTripQueueMs();
    if (queueMs === undefined || nowMs < this.#settledAtMs) return;
    const usableBps = options.pushShare * this.budgetBps;
    const isUsed = hasSent && this.#promisedBps() > USED_SHARE * usableBps;
    if (queueMs > QUEUE_HIGH_MS) {
      this.#budgetBps = Math.min(
        options.uploadLimitBps,
        Math.max(LEAST_BPS, BACK_OFF * this.budgetBps),
      );
      this.#isFast = false;
      this.#settledAtMs = nowMs + SETTLE_MS;
    } else if (queueMs < QUEUE_LOW_MS && isUsed) {
      const growth = this.#isFast ? FAST_GROWTH : SLOW_GROWTH;
      this.#budgetBps = Math.min(options.uploadLimitBps, this.budgetBps * growth);
    }
  }

  /** Median over neighbors; two at least, or one slow path looks like our own. */
  #roundTripQueueMs(): number | undefined {
    const { nowMs, neighbors } = this.#context;
    const samples: number[] = [];
    for (const neighbor of neighbors.values()) {
      const queueMs = neighbor.queueMs(nowMs, SAMPLE_AGE_MS);
      if (queueMs !== undefined) samples.push(queueMs);
    }
    samples.sort((a, b) => a - b);
    return samples.length < 2 ? undefined : samples[(samples.length - 1) >> 1];
  }
}
