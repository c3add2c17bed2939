import type { StreamDescriptor } from "#protocol";
import { RenditionControl } from "../renditions/rendition-control.ts";
import type { Rendition } from "../renditions/rendition-list.ts";
import type { RenditionSample } from "../renditions/rendition-rule.ts";
import { StreamSession } from "../session/stream-session.ts";
import { LivePlayback } from "./live-playback.ts";
import { type NeighborChange, NeighborWatch } from "./neighbor-watch.ts";
import { type PlayerState, playerState } from "./player-state.ts";
import { NO_MESH_STATS, type PlayerStats, playerStats } from "./player-stats.ts";
import type { PlayerViewModel } from "./player-view.ts";
import { failureOf, messageFor, noticeFor, type PlayerFailure } from "./player-words.ts";
import type { StreamAddress } from "./stream-address.ts";

export type PlayerRunHandlers = {
  /** Something of `state` or `view` may have changed. */
  onChange(): void;
  onFirstFrame(): void;
  onStall(stalls: { count: number; totalMs: number }): void;
  /** The rendition on screen, the wish or the list is another now. */
  onRendition(): void;
  onNeighbor(change: NeighborChange): void;
  onFailure(failure: PlayerFailure): void;
};

export type PlayerWishes = {
  isAutoplay: boolean;
  /** Id of a rendition, or `auto`. */
  rendition: string;
};

/** For this long a start may take, in ms, before it tells something of the line. */
const START_MS = 4000;

/** One stream in one player: what a value of `src` brings about, until it is replaced. */
export class PlayerRun {
  readonly #address: StreamAddress;
  readonly #handlers: PlayerRunHandlers;
  readonly #session: StreamSession;
  readonly #playback: LivePlayback;
  readonly #renditions: RenditionControl;
  readonly #neighbors = new NeighborWatch();
  readonly #startedAtMs = performance.now();
  #startupMs: number | undefined;
  #aloneSinceMs: number | undefined;
  #toldRendition = "";
  #failure: PlayerFailure | undefined;

  constructor(
    address: StreamAddress,
    video: HTMLVideoElement,
    { isAutoplay, rendition }: PlayerWishes,
    handlers: PlayerRunHandlers,
  ) {
    this.#address = address;
    this.#handlers = handlers;
    this.#renditions = new RenditionControl(rendition, {
      onTracks: () => this.#session.chooseTracks(),
      onChange: (id) => this.#playback.changeRendition(id),
    });
    // The session first: its requests are on their way while the media source opens.
    this.#session = new StreamSession(address, this.#renditions, {
      onChunk: (chunk) => this.#playback.push(chunk),
      onDescriptor: (descriptor) => {
        this.#playback.describe(descriptor, this.#renditions.current);
        this.#lookAtRendition();
      },
      onChange: () => this.#sessionChanged(),
    });
    this.#playback = new LivePlayback(
      video,
      {
        sourceNowMs: () => this.#session.sourceNowMs(),
        onPlayhead: (sourceTimeMs) => this.#session.setPlayhead(sourceTimeMs),
        onFirstFrame: () => {
          this.#startupMs = performance.now() - this.#startedAtMs;
          handlers.onFirstFrame();
        },
        onRendition: (id) => this.#renditions.changed(id),
        onStall: () => handlers.onStall(this.#playback.stats.stalls),
        onChange: () => handlers.onChange(),
        onFailure: (failure) => this.#fail(failureOf(failure)),
      },
      isAutoplay,
    );
  }

  get descriptor(): StreamDescriptor | undefined {
    return this.#session.descriptor;
  }

  get state(): PlayerState {
    return playerState({
      hasSource: true,
      hasFailed: this.#failure !== undefined,
      ...this.#session.facts,
      ...this.#playback.facts,
    });
  }

  get view(): Omit<PlayerViewModel, "isStatsOpen"> {
    const { hasWebRtc, isTrackerOnline } = this.#session.facts;
    const { state } = this;
    const { latencyMs, targetLatencyMs } = this.#playback.stats;
    const aloneMs = performance.now() - (this.#aloneSinceMs ?? performance.now());
    return {
      state,
      message: messageFor(state, this.#failure),
      notice: noticeFor({ hasWebRtc, isTrackerOnline, aloneMs }),
      isLive: state === "playing" && (latencyMs ?? Number.POSITIVE_INFINITY) < 2 * targetLatencyMs,
      latencyMs,
      isMutedByBrowser: this.#playback.facts.isMutedByBrowser,
    };
  }

  get stats(): PlayerStats {
    return playerStats({
      streamId: this.#address.streamId,
      startupMs: this.#startupMs,
      rendition: this.#renditions.current,
      state: this.state,
      mesh: this.#session.stats ?? NO_MESH_STATS,
      playback: this.#playback.stats,
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
    this.#playback.jumpToLive();
  }

  /** Once a second: see who is there, and whether another rendition would be better. */
  look(): void {
    this.#renditions.look(this.#sample);
    this.#lookAtRendition();
    const neighbors = this.#session.stats?.neighbors ?? [];
    for (const change of this.#neighbors.update(neighbors)) this.#handlers.onNeighbor(change);
    const isAlone = neighbors.length === 0 && this.#startupMs !== undefined;
    this.#aloneSinceMs = isAlone ? (this.#aloneSinceMs ?? performance.now()) : undefined;
  }

  close(): void {
    this.#playback.close();
    this.#session.close();
  }

  get #sample(): RenditionSample {
    const { fromPeers, fromSeeder, fromOrigin, duplicate } = (this.#session.stats ?? NO_MESH_STATS)
      .bytes;
    const { forwardBufferMs, droppedFrames, totalFrames } = this.#playback.stats;
    const { isPaused, isDry, hasFirstFrame } = this.#playback.facts;
    const nowMs = performance.now();
    const isBeginning = !hasFirstFrame && nowMs - this.#startedAtMs < START_MS;
    return {
      nowMs,
      forwardBufferMs: isDry ? 0 : forwardBufferMs,
      receivedBytes: fromPeers + fromSeeder + fromOrigin + duplicate,
      droppedFrames,
      totalFrames,
      isPlaying: !isPaused && !isBeginning && this.#session.facts.isLive,
      isHidden: document.hidden,
    };
  }

  #lookAtRendition(): void {
    const { wish, list } = this.#renditions;
    const now = [this.stats.rendition, wish, ...list.map(({ id, label }) => id + label)].join();
    if (now === this.#toldRendition) return;
    this.#toldRendition = now;
    this.#handlers.onRendition();
  }

  #sessionChanged(): void {
    const { problem } = this.#session.facts;
    if (problem !== undefined) this.#fail({ code: "unsupported-stream", message: problem });
    this.#handlers.onChange();
  }

  #fail(failure: PlayerFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.close();
    this.#handlers.onFailure(failure);
    this.#handlers.onChange();
  }
}
