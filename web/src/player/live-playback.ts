import type { MeshChunk } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import { InBand } from "../in-band/in-band.ts";
import { afterHoleMs, forwardBufferMs } from "../sink/buffered-ranges.ts";
import { DryWatch } from "../sink/dry-watch.ts";
import { LatencyController } from "../sink/latency-controller.ts";
import { RenewableSink } from "../sink/renewable-sink.ts";
import { StallMeter } from "../sink/stall-meter.ts";
import { nudgePositionMs } from "../sink/stuck-decoder.ts";
import { onFirstFrame } from "./first-frame.ts";
import { LivePosition } from "./live-position.ts";
import type { LivePlaybackHandlers, PlaybackFacts, PlaybackStats } from "./playback-contract.ts";
import { PlaybackTotals } from "./playback-totals.ts";
import { startPlaying } from "./start-playing.ts";

/** Four times a second is enough to steer by 5 %, and little enough to cost nothing. */
const TICK_MS = 250;
/** Media to begin with, in ms: nearly two chunks, so that the next one may be late. */
const START_BUFFER_MS = 350;
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
/** Dry this long with later media in line, in ms, no more is expected of what is here. */
const DEAD_END_MS = 150;
/** A seek that has not ended after this, in ms, waits for media that will not come. */
const DEAD_SEEK_MS = 800;
const HAVE_METADATA = 1;

/** Plays what the mesh delivers: starts, keeps its distance to live, jumps, counts stalls. */
export class LivePlayback {
  readonly #video: HTMLVideoElement;
  readonly #handlers: LivePlaybackHandlers;
  readonly #latency = new LatencyController();
  readonly #stalls = new StallMeter();
  readonly #dryWatch = new DryWatch();
  readonly #totals: PlaybackTotals;
  readonly #inBand: InBand;
  readonly #sink: RenewableSink;
  readonly #position: LivePosition;
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
  #seekingSinceMs: number | undefined;
  /** Has not moved since it began at this place: that is the start, and no stall. */
  #isBeginning = true;
  /** Source time to begin at in the past; undefined at live. */
  #pastFromMs: number | undefined;

  /** @param autoplay Begin without being asked; with sound if the browser allows it. */
  constructor(video: HTMLVideoElement, handlers: LivePlaybackHandlers, autoplay: boolean) {
    this.#video = video;
    this.#handlers = handlers;
    this.#wantsToPlay = autoplay;
    this.#totals = new PlaybackTotals(video);
    this.#inBand = new InBand(video);
    const sink = new RenewableSink(video, {
      onUpdate: () => this.#step(),
      onRenew: () => this.#renewed(),
      onAppend: (id, appended) => this.#inBand.push(id, appended),
      onRendition: (id) => handlers.onRendition(id),
      onFailure: (failure) => {
        this.close();
        handlers.onFailure(failure);
      },
    });
    this.#sink = sink;
    this.#position = new LivePosition({
      video,
      sink,
      sourceNowMs: () => handlers.sourceNowMs(),
      targetLatencyMs: () => this.#latency.targetMs,
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
      isPast: this.#isPast,
    };
  }

  get stats(): PlaybackStats {
    const isRunning = this.#phase === "running";
    return {
      latencyMs: isRunning ? this.#position.latencyMs : undefined,
      targetLatencyMs: this.#latency.targetMs,
      forwardBufferMs: isRunning ? Math.round(this.#position.forwardMs) : 0,
      playbackRate: this.#video.playbackRate,
      stalls: this.#stalls.totals(performance.now()),
      playedMs: this.#totals.playedMs,
      skippedMs: Math.round(this.#jumpedOverMs + this.#sink.skippedMs),
      droppedFrames: this.#totals.droppedFrames,
      totalFrames: this.#totals.totalFrames,
      rendition: this.#sink.current.shownAt(this.#position.playheadMs),
      renewals: this.#sink.renewals,
    };
  }

  /**
   * The stream as it is now; before the first chunk, and again whenever it changed.
   * @param rendition The one to begin with.
   */
  describe(descriptor: StreamDescriptor, rendition?: string): void {
    this.#isLive = descriptor.isLive;
    if (!descriptor.isLive) this.#stalls.end(performance.now());
    this.#inBand.describe(descriptor);
    this.#sink.describe(descriptor, rendition);
    this.#step();
  }

  /** Go on with another rendition as soon as it can be done; undefined: with the present one. */
  changeRendition(id: string | undefined): void {
    this.#sink.changeTo(id);
    this.#step();
  }

  push(chunk: MeshChunk): void {
    const nowMs = performance.now();
    this.#sink.push(chunk, nowMs);
    // Timers of hidden tabs come once a second; chunks come as ever.
    if (nowMs - this.#lastTickMs > TICK_MS) this.#tick();
    else this.#step();
  }

  /** Source time on screen, in ms; undefined before the first frame. */
  get shownSourceTimeMs(): number | undefined {
    return this.#phase === "running" ? this.#position.shownSourceTimeMs : undefined;
  }

  /**
   * Play what was on air at a source time, from what {@link pushPast} brings, until {@link jumpToLive}.
   * @param rendition Of the picture; undefined: the present one.
   */
  goBack(sourceTimeMs: number, rendition?: string): void {
    if (this.#phase === "over") return;
    this.#video.playbackRate = 1;
    this.#stalls.end(performance.now());
    // A new media source means live, unless it is made for this.
    this.#pastFromMs = undefined;
    this.#sink.goBack(rendition);
    this.#awaitPast(sourceTimeMs);
  }

  /** A chunk of the past, in order; ignored at live. */
  pushPast(chunk: MeshChunk): void {
    this.#sink.pushPast(chunk);
    this.#step();
  }

  /** Init segments of then. */
  learn(descriptor: StreamDescriptor): void {
    this.#sink.current.learn(descriptor);
  }

  /**
   * Go on at the target latency.
   * @returns The media time that is never shown for it, in ms; 0 if there was nothing to gain.
   */
  jumpToLive(): number {
    if (this.#isPast) {
      this.#pastFromMs = undefined;
      this.#sink.goLive();
      this.#startOver();
      this.#handlers.onLive();
      this.#step();
      return 0;
    }
    const { playheadMs } = this.#position;
    const positionMs = this.#position.liveMs(START_BUFFER_MS);
    if (positionMs === undefined || positionMs <= playheadMs) return 0;
    this.#moveTo(positionMs);
    return positionMs - playheadMs;
  }

  /** Stay this far behind live, in ms; undefined lets the latency adapt. */
  holdLatency(targetMs: number | undefined): void {
    this.#latency.hold(targetMs);
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
    this.#inBand.clear();
    this.#sink.close();
  }

  #listen(): void {
    const on = (event: string, listener: () => void) =>
      this.#video.addEventListener(event, listener, { signal: this.#listeners.signal });
    for (const event of ["loadedmetadata", "waiting", "playing", "seeked"]) {
      on(event, () => this.#step());
    }
    on("play", () => {
      this.#wantsToPlay = true;
      // What was missed during a pause was not lost: nobody was watching.
      const { behindTargetMs, shownSourceTimeMs = 0 } = this.#position;
      const isBehind = !this.#isPast && behindTargetMs > RESUME_JUMP_MS;
      if (isBehind && !this.#handlers.onResume(shownSourceTimeMs)) this.jumpToLive();
      else if (isBehind) this.#awaitPast(shownSourceTimeMs);
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
    for (const event of this.#inBand.takeEvents(this.#position.playheadMs)) {
      this.#handlers.onMetadata(event);
    }
    this.#trim();
    if (this.#drySinceMs === undefined && !this.#video.paused) this.#steer();
    this.#reportPlayhead();
  }

  /** What any news may bring about; cheap enough for every chunk. */
  #step(): void {
    if (this.#phase === "over") return;
    const nowMs = performance.now();
    // Whoever paused sees a frame, and would lose it with the source.
    if (!this.facts.isPaused) this.#sink.adaptTracks(this.#drySinceMs !== undefined);
    const isPatient = nowMs - (this.#drySinceMs ?? nowMs) < PATIENCE_MS;
    const isRunning = this.#phase === "running";
    // What a seek that does not end has before it is of no use: nothing is waited for because of it.
    const isUsable = isRunning && !this.#isSeekDead(nowMs);
    const forwardMs = isUsable ? this.#position.forwardMs : 0;
    const isStalled = isRunning && this.#drySinceMs !== undefined;
    const holdMs = isStalled && isPatient ? RESUME_BUFFER_MS - forwardMs : 0;
    this.#sink.current.pump(nowMs, forwardMs, holdMs);
    if (this.#phase === "starting") this.#tryToStart(nowMs, isPatient);
    else this.#watch(nowMs);
  }

  #tryToStart(nowMs: number, isPatient: boolean): void {
    // Before that, setting the position does not seek.
    if (this.#video.readyState < HAVE_METADATA) return;
    const leastMs = isPatient ? START_BUFFER_MS : LEAST_BUFFER_MS;
    const isPast = this.#pastFromMs !== undefined;
    const positionMs = isPast
      ? this.#position.pastMs(this.#pastFromMs ?? 0, leastMs)
      : this.#position.liveMs(leastMs);
    if (positionMs === undefined) return;
    if (this.#startableSinceMs === undefined) {
      this.#startableSinceMs = nowMs;
      setTimeout(() => this.#step(), BURST_MS);
    }
    const isBurstOver = nowMs - this.#startableSinceMs >= BURST_MS;
    if (!isPast && positionMs < this.#position.wantedMs && !isBurstOver) return;
    this.#phase = "running";
    this.#video.currentTime = positionMs / 1000;
    this.#notDry();
    if (this.#wantsToPlay) void this.#startPlaying();
  }

  async #startPlaying(): Promise<void> {
    const started = await startPlaying(this.#video);
    if (started === "muted") this.#isMutedByBrowser = true;
    this.#handlers.onChange();
  }

  #awaitPast(sourceTimeMs: number): void {
    this.#pastFromMs = sourceTimeMs;
    this.#startOver();
    this.#reportPlayhead();
    this.#handlers.onChange();
  }

  /** The media element gets a new source: from the beginning, but going on if it was playing. */
  #renewed(): void {
    this.#totals.keep();
    this.#startOver();
    if (!this.#isPast) return;
    this.#pastFromMs = undefined;
    this.#handlers.onLive();
  }

  #startOver(): void {
    this.#inBand.clear();
    this.#phase = "starting";
    this.#isBeginning = true;
    this.#startableSinceMs = undefined;
    this.#drySinceMs = performance.now();
  }

  /** Holes are jumped over, and standing still is noticed. */
  #watch(nowMs: number): void {
    const { ranges, playheadMs } = this.#position;
    const bufferMs = forwardBufferMs(ranges, playheadMs);
    const isDeadEnd = nowMs - (this.#drySinceMs ?? nowMs) >= DEAD_END_MS;
    const holeEndMs = afterHoleMs(ranges, playheadMs, isDeadEnd);
    // Until the event says that somebody plays again, what is missing is not missed.
    const isHeld = this.#video.paused || this.#video.seeking || !this.#wantsToPlay;
    if (this.#isSeekDead(nowMs) && !this.#isPast) return this.#leaveDeadSeek(nowMs);
    if (holeEndMs !== undefined && !isHeld) return this.#jumpHole(holeEndMs, nowMs);
    const { readyState } = this.#video;
    const sample = { nowMs, playheadMs, forwardBufferMs: bufferMs, readyState, isHeld };
    const isDry = this.#dryWatch.isDry(sample);
    if (isHeld) return;
    if (!isDry) {
      this.#isBeginning = false;
      return this.#notDry();
    }
    if (this.#drySinceMs !== undefined) return this.#wakeDecoder(nowMs, this.#drySinceMs);
    this.#drySinceMs = nowMs;
    this.#video.playbackRate = 1;
    const isStall = this.#isLive && this.#hasFirstFrame && !this.#isBeginning;
    if (isStall && this.#stalls.begin(nowMs)) {
      if (!this.#isPast) this.#latency.stalled(nowMs);
      this.#handlers.onStall();
    }
    this.#handlers.onChange();
  }

  /** A seek to where too little media came never ends. */
  #isSeekDead(nowMs: number): boolean {
    if (!this.#video.seeking) this.#seekingSinceMs = undefined;
    else this.#seekingSinceMs ??= nowMs;
    return nowMs - (this.#seekingSinceMs ?? nowMs) >= DEAD_SEEK_MS;
  }

  #leaveDeadSeek(nowMs: number): void {
    const { playheadMs } = this.#position;
    const liveMs = this.#position.liveMs(START_BUFFER_MS);
    if (liveMs === undefined || liveMs <= playheadMs) return;
    this.#seekingSinceMs = nowMs;
    this.#jumpedOverMs += liveMs - playheadMs;
    this.#moveTo(liveMs);
  }

  /** Media elements sometimes stand though they have media: a seek makes them go on. */
  #wakeDecoder(nowMs: number, drySinceMs: number): void {
    const { playheadMs, forwardMs } = this.#position;
    const liveMs = this.#isPast ? undefined : this.#position.liveMs(START_BUFFER_MS);
    const standingMs = nowMs - drySinceMs;
    const positionMs = nudgePositionMs({ standingMs, playheadMs, forwardMs, liveMs });
    if (positionMs === undefined) return;
    this.#drySinceMs = nowMs;
    this.#jumpedOverMs += positionMs - playheadMs;
    this.#moveTo(positionMs);
  }

  /** To its end, or to live where the hole has left us far behind. */
  #jumpHole(holeEndMs: number, nowMs: number): void {
    // What lies there has its own time to get going.
    if (this.#drySinceMs !== undefined) this.#drySinceMs = nowMs;
    this.#moveTo(holeEndMs);
    if (this.#isPast) return;
    if (this.#position.behindTargetMs > RESUME_JUMP_MS) this.#jumpedOverMs += this.jumpToLive();
  }

  #notDry(): void {
    if (this.#drySinceMs === undefined) return;
    this.#drySinceMs = undefined;
    this.#stalls.end(performance.now());
    this.#handlers.onChange();
  }

  #steer(): void {
    const { latencyMs, forwardMs: forwardBufferMs } = this.#position;
    if (latencyMs === undefined || !this.#isLive || this.#isPast) return;
    const decision = this.#latency.decide({ nowMs: performance.now(), latencyMs, forwardBufferMs });
    if (decision.type === "jump") {
      this.#jumpedOverMs += this.jumpToLive();
    } else if (this.#video.playbackRate !== decision.rate) {
      // Setting it is not free, not even to what it is.
      this.#video.playbackRate = decision.rate;
    }
  }

  get #isPast(): boolean {
    return this.#pastFromMs !== undefined;
  }

  #moveTo(mediaTimeMs: number): void {
    this.#video.currentTime = mediaTimeMs / 1000;
    this.#reportPlayhead();
  }

  #reportPlayhead(): void {
    const isShowing = this.#phase === "running" && !this.#video.paused && !this.#isPast;
    this.#handlers.onPlayhead(isShowing ? this.#position.shownSourceTimeMs : undefined);
  }

  #trim(): void {
    const { ranges, playheadMs } = this.#position;
    const [oldest] = ranges;
    const edgeMs = ranges.at(-1)?.endMs ?? 0;
    // While paused the playhead stays and live goes on; to live is where it will be taken up.
    const takenUpMs = this.#isPast ? playheadMs : Math.max(playheadMs, edgeMs - BACK_BUFFER_MS);
    const keepFromMs = takenUpMs - BACK_BUFFER_MS;
    if (oldest !== undefined && oldest.startMs < keepFromMs - TRIM_STEP_MS) {
      this.#sink.current.removeBefore(keepFromMs);
    }
  }
}
