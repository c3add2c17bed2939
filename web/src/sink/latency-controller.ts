/** What can be tuned in the latency control. docs/tuning.md lists the same. */
export type LatencyOptions = {
  /** Target latency at the start, in ms. Default 1000: 200 ms to fill a chunk, about 200 ms on the
   * way, and the rest so that a missing block can be asked for twice. */
  startTargetMs: number;
  /** Bounds of the target, in ms. Default 950 and 4000: what a neighbor's death takes to be
   * noticed and made up for (bench:swarm with churn). */
  minTargetMs: number;
  maxTargetMs: number;
  /** What a stall adds to the target, in ms. Default 250: a guess, about one round of repair. */
  stallStepMs: number;
  /** A calm period takes off the target what the forward buffer had to spare all the time, but at most
   * this much, in ms, and is this long. Default 200 per 4 s: what 5 % of catching up can follow. */
  calmStepMs: number;
  calmPeriodMs: number;
  /** What the forward buffer must keep, in ms: only more than that is to spare. Default 350: one chunk
   * and most of another. */
  calmBufferMs: number;
  /** Playback rate to catch up (1 + this) or fall back (1 - this). Default 0.05: people do not
   * notice (limits C3, hls.js and dash.js use 5 to 10 %). */
  rateChange: number;
  /** Off target by more than this, in ms, the rate changes. Default 150: above the jitter of
   * arrivals. */
  startChangeMs: number;
  /** Off target by less than this, in ms, the rate goes back to 1. Default 30. */
  stopChangeMs: number;
  /** Above target by more than this, in ms, only a jump helps. Default 1500: catching up by 5 %
   * would take half a minute. */
  jumpAboveMs: number;
};

export const DEFAULT_LATENCY_OPTIONS: LatencyOptions = {
  startTargetMs: 1000,
  minTargetMs: 950,
  maxTargetMs: 4000,
  stallStepMs: 250,
  calmStepMs: 200,
  calmPeriodMs: 4000,
  calmBufferMs: 350,
  rateChange: 0.05,
  startChangeMs: 150,
  stopChangeMs: 30,
  jumpAboveMs: 1500,
};

export type LatencySample = {
  nowMs: number;
  /** Source time now minus source time on screen. */
  latencyMs: number;
  forwardBufferMs: number;
};

/** What to do with the media element. */
export type LatencyDecision = { type: "rate"; rate: number } | { type: "jump" };

/** A forward buffer shorter than this, in ms, is not worth jumping in: the data is not there. */
const JUMP_BUFFER_MS = 1000;

/** How far behind live playback is steered, and by which means. Pure: samples in, decisions out. */
export class LatencyController {
  readonly #options: LatencyOptions;
  #targetMs: number;
  #heldMs: number | undefined;
  #rate = 1;
  #calmSinceMs: number | undefined;
  #leastBufferMs = Number.POSITIVE_INFINITY;

  constructor(options: Partial<LatencyOptions> = {}) {
    this.#options = { ...DEFAULT_LATENCY_OPTIONS, ...options };
    this.#targetMs = this.#options.startTargetMs;
  }

  get targetMs(): number {
    return this.#heldMs ?? this.#targetMs;
  }

  /** Somebody wants this target, in ms, and no other; undefined lets it adapt again. */
  hold(targetMs: number | undefined): void {
    this.#heldMs = targetMs;
  }

  /** Playback stopped because the forward buffer ran out. */
  stalled(nowMs: number): void {
    const { stallStepMs, maxTargetMs } = this.#options;
    this.#targetMs = Math.min(this.#targetMs + stallStepMs, maxTargetMs);
    this.#calmFrom(nowMs);
  }

  /** To be asked a few times a second while playing. */
  decide(sample: LatencySample): LatencyDecision {
    this.#calmDown(sample);
    const aboveMs = sample.latencyMs - this.targetMs;
    if (aboveMs > this.#options.jumpAboveMs && sample.forwardBufferMs > JUMP_BUFFER_MS) {
      this.#rate = 1;
      return { type: "jump" };
    }
    this.#rate = this.#nextRate(aboveMs, sample.forwardBufferMs);
    return { type: "rate", rate: this.#rate };
  }

  #nextRate(aboveMs: number, forwardBufferMs: number): number {
    const { rateChange, startChangeMs, stopChangeMs } = this.#options;
    const isFaster = this.#rate > 1;
    const isSlower = this.#rate < 1;
    // Nothing to catch up with while the buffer is short: the media is late, not we.
    if (aboveMs > (isFaster ? stopChangeMs : startChangeMs)) {
      return forwardBufferMs > startChangeMs ? 1 + rateChange : 1;
    }
    if (-aboveMs > (isSlower ? stopChangeMs : startChangeMs)) return 1 - rateChange;
    return 1;
  }

  #calmDown({ nowMs, forwardBufferMs }: LatencySample): void {
    const { calmBufferMs, calmPeriodMs, calmStepMs, minTargetMs } = this.#options;
    this.#leastBufferMs = Math.min(this.#leastBufferMs, forwardBufferMs);
    if (this.#calmSinceMs === undefined || forwardBufferMs < calmBufferMs) {
      this.#calmFrom(nowMs);
    } else if (nowMs - this.#calmSinceMs >= calmPeriodMs) {
      const spareMs = Math.min(this.#leastBufferMs - calmBufferMs, calmStepMs);
      this.#targetMs = Math.max(this.#targetMs - spareMs, minTargetMs);
      this.#calmFrom(nowMs);
    }
  }

  #calmFrom(nowMs: number): void {
    this.#calmSinceMs = nowMs;
    this.#leastBufferMs = Number.POSITIVE_INFINITY;
  }
}
