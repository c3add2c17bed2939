import type { StreamDescriptor } from "#protocol";
import { hasWebRtc, type IceAttempt } from "#transport/browser";
import type { TimedMetadata } from "../in-band/event-queue.ts";
import type { PastView } from "../past/past-view.ts";
import { RenditionControl } from "../renditions/rendition-control.ts";
import type { Rendition } from "../renditions/rendition-list.ts";
import type { RenditionSample } from "../renditions/rendition-rule.ts";
import { SessionTotals } from "../session/session-totals.ts";
import type { StreamListing } from "../session/stream-listing.ts";
import { type SessionFacts, type SessionWay, StreamSession } from "../session/stream-session.ts";
import { unplayableTracks } from "../sink/codec-support.ts";
import { shortCodecName } from "./codec-name.ts";
import { LivePlayback } from "./live-playback.ts";
import { type NeighborChange, NeighborWatch } from "./neighbor-watch.ts";
import { DeviceWatch } from "./p2p/device-watch.ts";
import { diagnose, type IceDiagnosis } from "./p2p/ice-diagnosis.ts";
import { P2pControl } from "./p2p/p2p-control.ts";
import type { P2pDecision } from "./p2p/p2p-policy.ts";
import { type PlayerState, playerState } from "./player-state.ts";
import {
  NO_MESH_STATS,
  type PlayerStats,
  playerStats,
  type UnsupportedTrack,
} from "./player-stats.ts";
import { type FailureReason, failureOf, type MeshFacts } from "./player-words.ts";
import type { PlayerSettings } from "./settings/player-settings.ts";
import type { StreamAddress } from "./stream-address.ts";

export type PlayerRunHandlers = {
  settings(): PlayerSettings;
  /** Something of `state`, `meshFacts` or `decision` may have changed. */
  onChange(): void;
  onFirstFrame(): void;
  onStall(stalls: { count: number; totalMs: number }): void;
  /** The rendition on screen, the wish or the list is another now. */
  onRendition(): void;
  onNeighbor(change: NeighborChange): void;
  onMetadata(event: TimedMetadata): void;
  /** The browser decodes no track of these kinds. */
  onUnsupported(tracks: readonly UnsupportedTrack[]): void;
  onFailure(failure: FailureReason): void;
  /** Whether the page lets this browser connect to others. */
  mayShare(): boolean;
  onP2p(decision: P2pDecision): void;
  /** A peer could not be reached; each reason once in a row. */
  onDiagnosis(diagnosis: IceDiagnosis): void;
};

const NOTHING_HEARD: SessionFacts = {
  isKnown: undefined,
  isLive: false,
  isTrackerOnline: false,
  audience: undefined,
  problem: undefined,
};

export type PlayerWishes = {
  wantsToPlay: boolean;
  /** Id of a rendition, or `auto`. */
  rendition: string;
};

/** For this long a start may take, in ms, before it tells something of the line. */
const START_MS = 4000;

/** One stream in one player: what a value of `src` brings about, until it is replaced. */
export class PlayerRun {
  readonly #address: StreamAddress;
  readonly #handlers: PlayerRunHandlers;
  readonly #playback: LivePlayback;
  readonly #renditions: RenditionControl;
  readonly #neighbors = new NeighborWatch();
  readonly #totals = new SessionTotals();
  readonly #device: DeviceWatch;
  readonly #p2p: P2pControl;
  /** Loaded when its answers are first of use. */
  #listing: StreamListing | undefined;
  #isListingLoading = false;
  readonly #startedAtMs = performance.now();
  readonly #close = new AbortController();
  #session: StreamSession | undefined;
  #past: PastView | undefined;
  #way: SessionWay | undefined;
  #startupMs: number | undefined;
  #hasPlayed = false;
  #aloneSinceMs: number | undefined;
  #toldRendition = "";
  #failure: FailureReason | undefined;
  #diagnosis: IceDiagnosis | undefined;
  #unsupported: readonly UnsupportedTrack[] = [];

  constructor(
    address: StreamAddress,
    video: HTMLVideoElement,
    { wantsToPlay, rendition }: PlayerWishes,
    handlers: PlayerRunHandlers,
  ) {
    this.#address = address;
    this.#handlers = handlers;
    this.#renditions = new RenditionControl(rendition, {
      onTracks: () => this.#session?.chooseTracks(),
      onChange: (id) => this.#changeRendition(id),
    });
    this.#device = new DeviceWatch(() => this.#followPolicy());
    this.#p2p = new P2pControl({
      settings: handlers.settings,
      hasWebRtc: hasWebRtc(),
      device: () => this.#device,
      run: () => this.#p2pFacts(),
      isHidden: () => document.hidden,
      mayShare: handlers.mayShare,
    });
    // The session first: its requests are on their way while the media source opens.
    void this.#device.ready.then(() => this.#close.signal.aborted || this.#followPolicy());
    this.#playback = new LivePlayback(
      video,
      {
        sourceNowMs: () => this.#session?.sourceNowMs(),
        onPlayhead: (sourceTimeMs) => this.#session?.setPlayhead(sourceTimeMs),
        onFirstFrame: () => {
          this.#startupMs = performance.now() - this.#startedAtMs;
          handlers.onFirstFrame();
        },
        onRendition: (id) => this.#renditions.changed(id),
        onMetadata: (event) => handlers.onMetadata(event),
        onResume: (sourceTimeMs) => this.#resume(sourceTimeMs),
        onLive: () => this.#past?.stop(),
        onStall: () => handlers.onStall(this.#playback.stats.stalls),
        onChange: () => handlers.onChange(),
        onFailure: (failure) => this.#fail(failureOf(failure)),
      },
      wantsToPlay,
    );
    this.settingsChanged();
    const { signal } = this.#close;
    document.addEventListener("visibilitychange", () => this.#followPolicy(), { signal });
    video.addEventListener("pause", () => this.#followPolicy(), { signal });
    video.addEventListener("playing", () => this.#isPlaying(), { signal });
  }

  get descriptor(): StreamDescriptor | undefined {
    return this.#session?.descriptor;
  }

  get failure(): FailureReason | undefined {
    return this.#failure;
  }

  get decision(): P2pDecision {
    return this.#p2p.decision;
  }

  /** Why nobody was reached the last time; undefined once somebody was. */
  get diagnosis(): IceDiagnosis | undefined {
    return this.#diagnosis;
  }

  /** What this browser cannot decode of the stream, and is not played. */
  get unsupportedTracks(): readonly UnsupportedTrack[] {
    return this.#unsupported;
  }

  get state(): PlayerState {
    return playerState({
      hasSource: true,
      hasFailed: this.#failure !== undefined,
      isUnlisted: this.#listing?.latest?.isListed === false,
      ...this.#facts,
      ...this.#playback.facts,
    });
  }

  get meshFacts(): MeshFacts {
    const aloneMs = performance.now() - (this.#aloneSinceMs ?? performance.now());
    return { p2p: this.#p2p.decision, aloneMs, isTrackerOnline: this.#facts.isTrackerOnline };
  }

  get isMutedByBrowser(): boolean {
    return this.#playback.facts.isMutedByBrowser;
  }

  get hasPlayed(): boolean {
    return this.#hasPlayed;
  }

  get stats(): PlayerStats {
    return playerStats({
      streamId: this.#address.streamId,
      startupMs: this.#startupMs,
      rendition: this.#renditions.current,
      state: this.state,
      mesh: this.#totals.with(this.#session?.stats ?? NO_MESH_STATS),
      playback: this.#playback.stats,
      p2p: this.#p2p.decision,
      unsupportedTracks: this.#unsupported,
      dvr: { windowMs: this.dvrMs ?? null, isPast: this.#playback.facts.isPast },
    });
  }

  /** All ways to watch the stream, best first; empty before it is known. */
  get renditions(): readonly Rendition[] {
    return this.#renditions.list;
  }

  /** @param wish Id of a rendition, or `auto`. */
  chooseRendition(wish: string): void {
    this.#renditions.choose(wish, performance.now());
    this.#lookAtRendition();
  }

  jumpToLive(): void {
    this.#past?.stop();
    this.#playback.jumpToLive();
  }

  /** How far behind live one can go, in ms; undefined where the stream has no past. */
  get dvrMs(): number | undefined {
    const { dvrMs, startedAtMs } = this.descriptor ?? {};
    const nowMs = this.#session?.sourceNowMs();
    if (dvrMs === undefined || startedAtMs === undefined || nowMs === undefined) return undefined;
    return Math.max(0, Math.min(dvrMs, nowMs - startedAtMs));
  }

  /** Play what was on air so long ago; near live that is live. */
  seekBehind(behindMs: number): void {
    if (this.dvrMs === undefined) this.jumpToLive();
    else void this.#goBack((past) => past.seekBehind(behindMs));
  }

  /** The page says yes to what it may have said no to in `beforep2p`. */
  enableP2p(): void {
    this.#p2p.allow();
    this.#followPolicy();
  }

  settingsChanged(): void {
    const target = this.#handlers.settings()["target-latency"];
    this.#playback.holdLatency(target === "auto" ? undefined : target * 1000);
    if (this.#way !== undefined) this.#followPolicy();
  }

  /** Once a second: see who is there, what it has cost, and whether another rendition would be better. */
  look(): void {
    this.#renditions.look(this.#sample);
    this.#lookAtRendition();
    const neighbors = this.#session?.stats?.neighbors ?? [];
    for (const change of this.#neighbors.update(neighbors)) this.#handlers.onNeighbor(change);
    const isAlone = neighbors.length === 0 && this.#startupMs !== undefined;
    this.#aloneSinceMs = isAlone ? (this.#aloneSinceMs ?? performance.now()) : undefined;
    const isAudienceAsked = this.#handlers.settings()["min-audience"] > 1;
    this.#wantListing(isAudienceAsked || ["offline", "ended"].includes(this.state));
    if (this.#way !== undefined) this.#followPolicy();
  }

  close(): void {
    this.#close.abort();
    this.#past?.stop();
    this.#device.close();
    this.#listing?.want(false);
    this.#playback.close();
    this.#session?.close();
  }

  get #facts(): SessionFacts {
    return this.#session?.facts ?? NOTHING_HEARD;
  }

  get #sample(): RenditionSample {
    const { bytes } = this.#totals.with(this.#session?.stats ?? NO_MESH_STATS);
    const { fromPeers, fromSeeder, fromOrigin, duplicate } = bytes;
    const { forwardBufferMs, droppedFrames, totalFrames } = this.#playback.stats;
    const { isPaused, isDry, hasFirstFrame, isPast } = this.#playback.facts;
    const nowMs = performance.now();
    const isBeginning = !hasFirstFrame && nowMs - this.#startedAtMs < START_MS;
    return {
      nowMs,
      forwardBufferMs: isDry ? 0 : forwardBufferMs,
      receivedBytes: fromPeers + fromSeeder + fromOrigin + duplicate,
      droppedFrames,
      totalFrames,
      // In the past the line brings as much as it can: that says nothing.
      isPlaying: !isPaused && !isBeginning && !isPast && this.#facts.isLive,
      isHidden: document.hidden,
    };
  }

  /** Where the pause began, as far as that can be had. */
  #resume(sourceTimeMs: number): boolean {
    if (this.dvrMs === undefined) return false;
    void this.#goBack((past) => past.seek(sourceTimeMs));
    return true;
  }

  async #goBack(go: (past: PastView) => void): Promise<void> {
    try {
      const { PastView } = await import("../past/index.ts");
      if (this.#close.signal.aborted) return;
      this.#past ??= new PastView({
        playback: this.#playback,
        session: () => this.#session,
        dvrMs: () => this.dvrMs,
        rendition: () => this.stats.rendition,
        onLost: () => this.jumpToLive(),
      });
      go(this.#past);
    } catch {
      // What it takes cannot be loaded.
      this.jumpToLive();
    }
  }

  /** In the past there is nothing to wait for: it begins anew where it is. */
  #changeRendition(id: string | undefined): void {
    if (!this.#playback.facts.isPast) this.#playback.changeRendition(id);
    else if (id !== undefined) this.#past?.changeRendition(id);
  }

  #lookAtRendition(): void {
    const { wish, list } = this.#renditions;
    const now = [this.stats.rendition, wish, ...list.map(({ id, label }) => id + label)].join();
    if (now === this.#toldRendition) return;
    this.#toldRendition = now;
    this.#handlers.onRendition();
  }

  #lookAtCodecs(descriptor: StreamDescriptor): void {
    const found = unplayableTracks(descriptor).map(({ id, kind, codec }) => {
      return { id, kind, codec, name: shortCodecName(codec) };
    });
    const textOf = (tracks: readonly UnsupportedTrack[]) => tracks.map(({ codec }) => codec).join();
    if (textOf(found) === textOf(this.#unsupported)) return;
    this.#unsupported = found;
    this.#handlers.onUnsupported(found);
  }

  #isPlaying(): void {
    this.#hasPlayed = true;
    this.#followPolicy();
    this.#handlers.onChange();
  }

  #p2pFacts() {
    const { bytes } = this.#totals.with(this.#session?.stats ?? NO_MESH_STATS);
    return {
      uploadedBytes: bytes.uploaded,
      audience: this.#listing?.latest?.viewers ?? this.#facts.audience,
      isPaused: this.#playback.facts.isPaused,
    };
  }

  /** A session the way the policy wants it; another one when that has changed. */
  #followPolicy(): void {
    if (this.#close.signal.aborted) return;
    const before = this.#p2p.decision;
    this.#p2p.update();
    const { way, decision } = this.#p2p;
    if (isSameWay(way, this.#way) && isSameDecision(before, decision)) return;
    const isFirst = this.#way === undefined;
    if (!isSameWay(way, this.#way)) this.#open(way);
    if (isFirst || !isSameDecision(before, decision)) this.#handlers.onP2p(decision);
    this.#handlers.onChange();
  }

  #open(way: SessionWay): void {
    this.#way = way;
    this.#totals.keep(this.#session?.stats);
    this.#session?.close();
    this.#session = new StreamSession(this.#address, way, this.#renditions, {
      onChunk: (chunk) => this.#playback.push(chunk),
      onDescriptor: (descriptor) => {
        this.#lookAtCodecs(descriptor);
        this.#playback.describe(descriptor, this.#renditions.current);
        this.#renditions.described(performance.now());
        this.#lookAtRendition();
      },
      onChange: () => this.#sessionChanged(),
      onAttempt: (attempt) => this.#attempted(attempt, way),
      viewing: () => this.#playback.stats,
    });
  }

  #attempted(attempt: IceAttempt, { links }: SessionWay): void {
    const diagnosis = diagnose(attempt, links === "relay-only");
    const isNews = diagnosis?.code !== this.#diagnosis?.code;
    this.#diagnosis = diagnosis;
    if (isNews && diagnosis !== undefined) this.#handlers.onDiagnosis(diagnosis);
  }

  #wantListing(isWanted: boolean): void {
    this.#listing?.want(isWanted);
    if (isWanted && this.#listing === undefined && !this.#isListingLoading)
      void this.#loadListing();
  }

  async #loadListing(): Promise<void> {
    this.#isListingLoading = true;
    try {
      const { StreamListing } = await import("../session/stream-listing.ts");
      this.#listing = new StreamListing(this.#address, () => this.#heardListing());
    } catch {
      // Who cannot be asked says nothing; the next look tries again.
    }
    this.#isListingLoading = false;
  }

  #heardListing(): void {
    this.#followPolicy();
    this.#handlers.onChange();
  }

  #sessionChanged(): void {
    const { problem } = this.#facts;
    if (problem !== undefined) this.#fail({ code: "unsupported-stream", problem });
    this.#followPolicy();
    this.#handlers.onChange();
  }

  #fail(failure: FailureReason): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.close();
    this.#handlers.onFailure(failure);
    this.#handlers.onChange();
  }
}

function isSameWay(one: SessionWay, other: SessionWay | undefined): boolean {
  return one.links === other?.links && one.uploadLimitBps === other.uploadLimitBps;
}

function isSameDecision(one: P2pDecision, other: P2pDecision): boolean {
  if (!one.isOn || !other.isOn) return !one.isOn && !other.isOn && one.reason === other.reason;
  return one.isRelayOnly === other.isRelayOnly;
}
