import type { MeshChunk } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import { afterHoleMs, forwardBufferMs, startPositionMs } from "../sink/buffered-ranges.ts";
import { LatencyController } from "../sink/latency-controller.ts";
import { type PlaybackFailure, RenewableSink } from "../sink/renewable-sink.ts";
import { StallMeter } from "../sink/stall-meter.ts";
import { onFirstFrame } from "./first-frame.ts";
import { PlaybackTotals } from "./playback-totals.ts";
import { PlayheadWatch } from "./playhead-watch.ts";
import { startPlaying } from "./start-playing.ts";

export type LivePlaybackHandlers = {
  /** Source clock now, in ms; undefined until it is known. */
  sourceNowMs(): number | undefined;
  /** Source time on screen, four times a second and after each jump; undefined while paused and
   * before the first frame. */
  onPlayhead(sourceTimeMs: number | undefined): void;
  onFirstFrame(): void;
  onStall(): void;
  /** What {@link LivePlayback.facts} tells has changed. */
  onChange(): void;
  /** This browser cannot play this stream. The last call. */
  onFailure(failure: PlaybackFailure): void;
};

export type PlaybackFacts = {
  hasFirstFrame: boolean;
  isPaused: boolean;
  /** Out of media: before the first frame, or in a stall. */
  isDry: boolean;
  /** The browser refused sound without a click; it went on without. */
  isMutedByBrowser: boolean;
};

export type PlaybackStats = {
  latencyMs: number | undefined;
  targetLatencyMs: number;
  forwardBufferMs: number;
  playbackRate: number;
  stalls: { count: number; totalMs: number };
  playedMs: number;
  /** Media that was never shown: it did not come in time, or a jump went over it. */
  skippedMs: number;
  droppedFrames: number;
  /** How often the media source had to be replaced, and why the last time. */
  renewals: { count: number; lastReason: string | null };
};

/** Four times a second is enough to steer by 5 %, and little enough to cost nothing. */
const TICK_MS = 250;
/** Media to begin with, in ms: nearly two chunks, so that the next one may be late. */
const START_BUFFER_MS = 350;
/** Rather a bit later than wanted than with less than this in reserve, in ms. */
const GOOD_BUFFER_MS = 450;
/** The join response comes in one burst; wait this long for the rest of it, in ms, before beginning
 * further from live than wanted. */
const BURST_MS = 80;
/** Media in line before playback goes on after a stall, in ms. */
const RESUME_BUFFER_MS = 350;
/** How long to insist on these, in ms, and what has to do after that: one chunk. */
const PATIENCE_MS = 1200;
const LEAST_BUFFER_MS = 150;
/** Played media kept, in ms, and how much may pile up before some is removed. */
const BACK_BUFFER_MS = 10_000;
const TRIM_STEP_MS = 5000;
/** Behind the target by more than this after a pause or a hole, in ms: jump to live. */
const RESUME_JUMP_MS = 500;
/** A playhead that has not moved for this long, in ms, stands, whatever `readyState` says. */
const STANDING_MS = 300;
/** Standing this long with later media in line, in ms, no more is expected of what is here. */
const DEAD_END_MS = 150;
const HAVE_METADATA = 1;
const HAVE_FUTURE_DATA = 3;

/** Plays what the mesh delivers: starts, keeps its distance to live, jumps, counts stalls. */
export class LivePlayback {
  readonly #video: HTMLVideoElement;
  readonly #handlers: LivePlaybackHandlers;
  readonly #latency = new LatencyController();
  readonly #stalls = new StallMeter();
  readonly #playheadWatch = new PlayheadWatch();
  readonly #totals: PlaybackTotals;
  readonly #sink: RenewableSink;
  readonly #listeners = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #cancelFirstFrame: () => void;
  #isLive = true;
  #phase: "starting" | "running" | "over" = "starting";
  #wantsToPlay: boolean;
  #hasFirstFrame = false;
  #isMutedByBrowser = false;
  /** Since when we wait for media, to begin or to go on; undefined while there is some. */
  #drySinceMs: number | undefined = performance.now();
  #startableSinceMs: number | undefined;
  #lastTickMs = 0;
  #jumpedOverMs = 0;

  /** @param autoplay Begin without being asked; with sound if the browser allows it. */
  constructor(video: HTMLVideoElement, handlers: LivePlaybackHandlers, autoplay: boolean) {
    this.#video = video;
    this.#handlers = handlers;
    this.#wantsToPlay = autoplay;
    this.#totals = new PlaybackTotals(video);
    this.#sink = new RenewableSink(video, {
      onUpdate: () => this.#step(),
      onRenew: () => this.#startOver(),
      onFailure: (failure) => {
        this.close();
        handlers.onFailure(failure);
      },
    });
    this.#listen();
    this.#cancelFirstFrame = onFirstFrame(video, () => {
      this.#hasFirstFrame = true;
      handlers.onFirstFrame();
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get facts(): PlaybackFacts {
    return {
      hasFirstFrame: this.#hasFirstFrame,
      isPaused: this.#phase === "running" && this.#video.paused,
      isDry: this.#drySinceMs !== undefined,
      isMutedByBrowser: this.#isMutedByBrowser,
    };
  }

  get stats(): PlaybackStats {
    return {
      latencyMs: this.#latencyMs,
      targetLatencyMs: this.#latency.targetMs,
      forwardBufferMs: Math.round(this.#forwardMs),
      playbackRate: this.#video.playbackRate,
      stalls: this.#stalls.totals(performance.now()),
      playedMs: this.#totals.playedMs,
      skippedMs: Math.round(this.#jumpedOverMs + this.#sink.skippedMs),
      droppedFrames: this.#totals.droppedFrames,
      renewals: this.#sink.renewals,
    };
  }

  /** The stream as it is now; before the first chunk, and again whenever it changed. */
  describe(descriptor: StreamDescriptor): void {
    this.#isLive = descriptor.isLive;
    if (!descriptor.isLive) this.#stalls.end(performance.now());
    this.#sink.describe(descriptor);
    this.#step();
  }

  push(chunk: MeshChunk): void {
    this.#sink.push(chunk);
    // Timers of hidden tabs come once a second; chunks come as ever.
    if (performance.now() - this.#lastTickMs > TICK_MS) this.#tick();
    else this.#step();
  }

  /** To the target latency, without counting what lies between as lost. */
  jumpToLive(): void {
    const positionMs = this.#livePositionMs(START_BUFFER_MS);
    if (positionMs !== undefined && positionMs > this.#playheadMs) this.#moveTo(positionMs);
  }

  /** Leaves the element without a source. */
  close(): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    clearInterval(this.#timer);
    this.#listeners.abort();
    this.#cancelFirstFrame();
    this.#stalls.end(performance.now());
    this.#totals.keep();
    this.#sink.close();
  }

  get #playheadMs(): number {
    return this.#video.currentTime * 1000;
  }

  /** Contiguous media ahead; none counts before the start. */
  get #forwardMs(): number {
    if (this.#phase !== "running") return 0;
    return forwardBufferMs(this.#sink.current.ranges, this.#playheadMs);
  }

  get #shownSourceTimeMs(): number | undefined {
    if (this.#phase !== "running") return undefined;
    return this.#sink.current.timeline.sourceTimeMs(this.#playheadMs);
  }

  get #latencyMs(): number | undefined {
    const shownMs = this.#shownSourceTimeMs;
    const nowMs = this.#handlers.sourceNowMs();
    return nowMs === undefined || shownMs === undefined ? undefined : nowMs - shownMs;
  }

  #listen(): void {
    const on = (event: string, listener: () => void) =>
      this.#video.addEventListener(event, listener, { signal: this.#listeners.signal });
    for (const event of ["loadedmetadata", "waiting", "playing", "seeked"])
      on(event, () => this.#step());
    on("play", () => {
      this.#wantsToPlay = true;
      const behindMs = (this.#latencyMs ?? 0) - this.#latency.targetMs;
      if (behindMs > RESUME_JUMP_MS) this.jumpToLive();
      this.#handlers.onChange();
    });
    on("pause", () => {
      this.#wantsToPlay = false;
      this.#notDry();
      this.#handlers.onPlayhead(undefined);
      this.#handlers.onChange();
    });
    on("volumechange", () => {
      if (!this.#isMutedByBrowser || this.#video.muted) return;
      this.#isMutedByBrowser = false;
      this.#handlers.onChange();
    });
  }

  #tick(): void {
    this.#lastTickMs = performance.now();
    this.#step();
    if (this.#phase !== "running") return;
    this.#trim();
    if (this.#drySinceMs === undefined && !this.#video.paused) this.#steer();
    this.#reportPlayhead();
  }

  /** What any news may bring about; cheap enough for every chunk. */
  #step(): void {
    if (this.#phase === "over") return;
    const nowMs = performance.now();
    const isPatient = nowMs - (this.#drySinceMs ?? nowMs) < PATIENCE_MS;
    const forwardMs = this.#forwardMs;
    const isStalled = this.#phase === "running" && this.#drySinceMs !== undefined;
    const holdMs = isStalled && isPatient ? RESUME_BUFFER_MS - forwardMs : 0;
    this.#sink.current.pump(nowMs, forwardMs, holdMs);
    if (this.#phase === "starting") this.#tryToStart(nowMs, isPatient);
    else this.#watch(nowMs);
  }

  #tryToStart(nowMs: number, isPatient: boolean): void {
    // Before that, setting the position does not seek.
    if (this.#video.readyState < HAVE_METADATA) return;
    const positionMs = this.#livePositionMs(isPatient ? START_BUFFER_MS : LEAST_BUFFER_MS);
    if (positionMs === undefined) return;
    if (this.#startableSinceMs === undefined) {
      this.#startableSinceMs = nowMs;
      setTimeout(() => this.#step(), BURST_MS);
    }
    const isBurstOver = nowMs - this.#startableSinceMs >= BURST_MS;
    if (positionMs < this.#wantedMs && !isBurstOver) return;
    this.#phase = "running";
    this.#startableSinceMs = undefined;
    this.#video.currentTime = positionMs / 1000;
    this.#notDry();
    if (this.#wantsToPlay) void this.#startPlaying();
  }

  async #startPlaying(): Promise<void> {
    const started = await startPlaying(this.#video);
    if (started === "muted") this.#isMutedByBrowser = true;
    this.#handlers.onChange();
  }

  /** The media element gets a new source: from the beginning, but going on if it was playing. */
  #startOver(): void {
    this.#totals.keep();
    this.#phase = "starting";
    this.#startableSinceMs = undefined;
    this.#drySinceMs = performance.now();
  }

  /** Holes are jumped over, and standing still is noticed. */
  #watch(nowMs: number): void {
    if (this.#video.seeking) return;
    const { ranges } = this.#sink.current;
    const isDeadEnd = nowMs - (this.#drySinceMs ?? nowMs) >= DEAD_END_MS;
    const holeEndMs = afterHoleMs(ranges, this.#playheadMs, isDeadEnd);
    if (holeEndMs !== undefined) return this.#jumpHole(holeEndMs, nowMs);
    if (this.#video.paused) return;
    const isDry =
      this.#playheadWatch.stillMs(nowMs, this.#playheadMs) >= STANDING_MS ||
      forwardBufferMs(ranges, this.#playheadMs) <= 0 ||
      this.#video.readyState < HAVE_FUTURE_DATA;
    if (!isDry) return this.#notDry();
    if (this.#drySinceMs !== undefined) return;
    this.#drySinceMs = nowMs;
    this.#video.playbackRate = 1;
    if (this.#isLive && this.#hasFirstFrame && this.#stalls.begin(nowMs)) {
      this.#latency.stalled(nowMs);
      this.#handlers.onStall();
    }
    this.#handlers.onChange();
  }

  /** To its end, or to live where the hole has left us far behind. */
  #jumpHole(holeEndMs: number, nowMs: number): void {
    // What lies there has its own time to get going.
    if (this.#drySinceMs !== undefined) this.#drySinceMs = nowMs;
    this.#moveTo(holeEndMs);
    const behindMs = (this.#latencyMs ?? 0) - this.#latency.targetMs;
    if (behindMs <= RESUME_JUMP_MS) return;
    this.jumpToLive();
    this.#jumpedOverMs += Math.max(0, this.#playheadMs - holeEndMs);
  }

  #notDry(): void {
    if (this.#drySinceMs === undefined) return;
    this.#drySinceMs = undefined;
    this.#stalls.end(performance.now());
    this.#handlers.onChange();
  }

  #steer(): void {
    const latencyMs = this.#latencyMs;
    if (latencyMs === undefined || !this.#isLive) return;
    const nowMs = performance.now();
    const decision = this.#latency.decide({ nowMs, latencyMs, forwardBufferMs: this.#forwardMs });
    if (decision.type === "rate") {
      // Setting it is not free, not even to what it is.
      if (this.#video.playbackRate !== decision.rate) this.#video.playbackRate = decision.rate;
      return;
    }
    const fromMs = this.#playheadMs;
    this.jumpToLive();
    this.#jumpedOverMs += Math.max(0, this.#playheadMs - fromMs);
  }

  /** Media time that lies the target latency behind live. */
  get #wantedMs(): number {
    const { timeline } = this.#sink.current;
    const nowMs = this.#handlers.sourceNowMs();
    const edgeMs = timeline.edgeMs ?? 0;
    if (nowMs === undefined) return edgeMs - this.#latency.targetMs;
    return timeline.mediaTimeMs(nowMs - this.#latency.targetMs) ?? edgeMs;
  }

  #livePositionMs(minForwardMs: number): number | undefined {
    const { ranges } = this.#sink.current;
    const wantedMs = this.#wantedMs;
    return startPositionMs({ ranges, wantedMs, minForwardMs, goodForwardMs: GOOD_BUFFER_MS });
  }

  #moveTo(mediaTimeMs: number): void {
    this.#video.currentTime = mediaTimeMs / 1000;
    this.#reportPlayhead();
  }

  #reportPlayhead(): void {
    this.#handlers.onPlayhead(this.#video.paused ? undefined : this.#shownSourceTimeMs);
  }

  #trim(): void {
    const { ranges } = this.#sink.current;
    const [oldest] = ranges;
    const edgeMs = ranges.at(-1)?.endMs ?? 0;
    // While paused the playhead stays and live goes on; to live is where it will be taken up.
    const keepFromMs = Math.max(this.#playheadMs, edgeMs - BACK_BUFFER_MS) - BACK_BUFFER_MS;
    if (oldest !== undefined && oldest.startMs < keepFromMs - TRIM_STEP_MS) {
      this.#sink.current.removeBefore(keepFromMs);
    }
  }
}
