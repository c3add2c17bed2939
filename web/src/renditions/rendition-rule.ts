/** What can be turned in the automatic choice. docs/tuning.md lists the same; a test keeps both together. */
export type RenditionOptions = {
  /** A forward buffer shorter than this, in ms, is running out. Default 200: one chunk. */
  lowBufferMs: number;
  /** How long it may be so before a lesser rendition is taken, in ms. Default 1000: a parent that is lost
   * costs less. */
  lowForMs: number;
  /** Calm before the next better rendition is tried, in ms. Default 6000. */
  calmMs: number;
  /** A rendition that failed is not tried again for this long, in ms, twice as long after each failure.
   * Default 20,000. */
  retryMs: number;
  /** The longest such pause, in ms. Default 300,000. */
  retryMaxMs: number;
  /** A rendition that lasts for this long, in ms, was no failure. Default 30,000. */
  provenMs: number;
  /** Of what came while media ran out, so much may the next rendition take. Default 0.8. */
  throughputShare: number;
  /** Share of pictures that may be dropped by a slow machine. Default 0.25. */
  droppedShare: number;
};

export const DEFAULT_RENDITION_OPTIONS: RenditionOptions = {
  lowBufferMs: 200,
  lowForMs: 1000,
  calmMs: 6000,
  retryMs: 20_000,
  retryMaxMs: 300_000,
  provenMs: 30_000,
  throughputShare: 0.8,
  droppedShare: 0.25,
};

/** What is measured, about once a second. Sums are cumulative. */
export type RenditionSample = {
  nowMs: number;
  /** Media ahead of the playhead; 0 while playback stands for lack of it. */
  forwardBufferMs: number;
  /** Everything that came, of all tracks, duplicates too. */
  receivedBytes: number;
  droppedFrames: number;
  /** Shown or dropped. */
  totalFrames: number;
  /** False while nobody wants media: paused, before the start, while the encoder is away. */
  isPlaying: boolean;
  /** Nobody sees the picture, and browsers need not show it in time. */
  isHidden: boolean;
};

/** Of the picture and its sound. @see Rendition */
export type Choosable = { id: string; bandwidth: number };

export type RenditionDecision =
  | { type: "stay" }
  /** Change to this one. */
  | { type: "change"; id: string }
  /** The change under way to a better one would fail. */
  | { type: "abort" };

/** Throughput and dropped pictures are looked at over this time, in ms. */
const SPAN_MS = 3000;
/** Fewer pictures in that time, or fewer dropped ones, say nothing about the machine. */
const FRAMES_MIN = 30;
/** After a change things are let settle for this long, in ms. */
const SETTLE_MS = 2000;
/** Less than this share of what should come is no narrow line, but an encoder or a line that is away. */
const OUTAGE_SHARE = 0.1;

type Penalty = { untilMs: number; pauseMs: number };

/**
 * Which rendition a viewer should watch. A live stream comes at its own rate however fast the line
 * is: so what the line carries is known only when media runs out, and what it could carry is found by
 * trying the next better one now and then, while the one on screen still comes. Pure.
 */
export class RenditionRule {
  readonly #options: RenditionOptions;
  #samples: RenditionSample[] = [];
  #lowSinceMs: number | undefined;
  #calmSinceMs: number | undefined;
  #current: { id: string; sinceMs: number } | undefined;
  readonly #penalties = new Map<string, Penalty>();

  constructor(options: Partial<RenditionOptions> = {}) {
    this.#options = { ...DEFAULT_RENDITION_OPTIONS, ...options };
  }

  /**
   * @param renditions Best first.
   * @param currentId The one on screen.
   * @param nextId The one that is about to replace it.
   */
  decide(
    sample: RenditionSample,
    renditions: readonly Choosable[],
    currentId: string,
    nextId: string | undefined,
  ): RenditionDecision {
    this.#note(sample, currentId);
    const place = renditions.findIndex(({ id }) => id === currentId);
    if (place < 0 || !sample.isPlaying) return { type: "stay" };
    const isGoingUp =
      nextId !== undefined && renditions.findIndex(({ id }) => id === nextId) < place;
    if (this.#hasFailed(sample, renditions[place]?.bandwidth ?? 0)) {
      this.#calmSinceMs = undefined;
      if (isGoingUp) return this.#fail(nextId, sample.nowMs, { type: "abort" });
      const lower = this.#lower(renditions, place, sample);
      if (lower === undefined || nextId !== undefined) return { type: "stay" };
      return this.#fail(currentId, sample.nowMs, { type: "change", id: lower.id });
    }
    if (nextId !== undefined) return { type: "stay" };
    return this.#tryBetter(renditions.slice(0, place), sample.nowMs);
  }

  #note(sample: RenditionSample, currentId: string): void {
    const { nowMs, forwardBufferMs, isPlaying } = sample;
    if (this.#current?.id !== currentId) {
      this.#current = { id: currentId, sinceMs: nowMs };
      this.#lowSinceMs = undefined;
      this.#calmSinceMs = undefined;
      this.#samples = [];
    }
    this.#samples.push(sample);
    while ((this.#samples[1]?.nowMs ?? nowMs) <= nowMs - SPAN_MS) this.#samples.shift();
    const isLow = isPlaying && forwardBufferMs < this.#options.lowBufferMs;
    this.#lowSinceMs = isLow ? (this.#lowSinceMs ?? nowMs) : undefined;
    const isCalm = isPlaying && !isLow;
    this.#calmSinceMs = isCalm ? (this.#calmSinceMs ?? nowMs) : undefined;
    if (nowMs - this.#current.sinceMs >= this.#options.provenMs) this.#penalties.delete(currentId);
  }

  #hasFailed(sample: RenditionSample, bandwidth: number): boolean {
    const { nowMs } = sample;
    if (nowMs - (this.#current?.sinceMs ?? nowMs) < SETTLE_MS) return false;
    const isLow = nowMs - (this.#lowSinceMs ?? nowMs) >= this.#options.lowForMs;
    if (isLow) return this.#receivedBps(sample) > OUTAGE_SHARE * bandwidth;
    return this.#dropsTooMuch(sample);
  }

  #dropsTooMuch(sample: RenditionSample): boolean {
    const settledMs = (this.#current?.sinceMs ?? 0) + SETTLE_MS;
    const oldest = this.#samples.find(({ nowMs }) => nowMs >= settledMs);
    if (oldest === undefined || this.#samples.some(({ isHidden }) => isHidden)) return false;
    const total = sample.totalFrames - oldest.totalFrames;
    const dropped = sample.droppedFrames - oldest.droppedFrames;
    return total >= FRAMES_MIN && dropped > this.#options.droppedShare * total;
  }

  /** Since media has been short: that is what the line carries. */
  #receivedBps(sample: RenditionSample): number {
    const oldest = this.#samples.find(({ nowMs }) => nowMs >= (this.#lowSinceMs ?? 0));
    const spanMs = sample.nowMs - (oldest?.nowMs ?? sample.nowMs);
    if (oldest === undefined || spanMs === 0) return 0;
    return ((sample.receivedBytes - oldest.receivedBytes) * 8000) / spanMs;
  }

  /** The best one that what came would carry; the next one where it came fast enough. */
  #lower(
    renditions: readonly Choosable[],
    place: number,
    sample: RenditionSample,
  ): Choosable | undefined {
    const carriedBps = this.#receivedBps(sample) * this.#options.throughputShare;
    const below = renditions.slice(place + 1);
    const isNarrow = this.#lowSinceMs !== undefined;
    if (!isNarrow) return below[0];
    return below.find(({ bandwidth }) => bandwidth <= carriedBps) ?? below.at(-1);
  }

  #tryBetter(better: readonly Choosable[], nowMs: number): RenditionDecision {
    const calmMs = nowMs - (this.#calmSinceMs ?? nowMs);
    const next = better.at(-1);
    if (next === undefined || calmMs < this.#options.calmMs) return { type: "stay" };
    if ((this.#penalties.get(next.id)?.untilMs ?? 0) > nowMs) return { type: "stay" };
    this.#calmSinceMs = nowMs;
    return { type: "change", id: next.id };
  }

  #fail(id: string, nowMs: number, decision: RenditionDecision): RenditionDecision {
    const { retryMs, retryMaxMs } = this.#options;
    const before = this.#penalties.get(id);
    const pauseMs = before === undefined ? retryMs : Math.min(2 * before.pauseMs, retryMaxMs);
    this.#penalties.set(id, { untilMs: nowMs + pauseMs, pauseMs });
    return decision;
  }
}
