import type { StreamDescriptor } from "#protocol";
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
  onNeighbor(change: NeighborChange): void;
  onFailure(failure: PlayerFailure): void;
};

/** One stream in one player: what a value of `src` brings about, until it is replaced. */
export class PlayerRun {
  readonly #address: StreamAddress;
  readonly #handlers: PlayerRunHandlers;
  readonly #session: StreamSession;
  readonly #playback: LivePlayback;
  readonly #neighbors = new NeighborWatch();
  readonly #startedAtMs = performance.now();
  #startupMs: number | undefined;
  #aloneSinceMs: number | undefined;
  #failure: PlayerFailure | undefined;

  constructor(
    address: StreamAddress,
    video: HTMLVideoElement,
    isAutoplay: boolean,
    handlers: PlayerRunHandlers,
  ) {
    this.#address = address;
    this.#handlers = handlers;
    // The session first: its requests are on their way while the media source opens.
    this.#session = new StreamSession(address, {
      onChunk: (chunk) => this.#playback.push(chunk),
      onDescriptor: (descriptor) => this.#playback.describe(descriptor),
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
    const tracks = this.descriptor?.tracks ?? [];
    return playerStats({
      streamId: this.#address.streamId,
      startupMs: this.#startupMs,
      rendition: (tracks.find(({ kind }) => kind === "video") ?? tracks[0])?.id,
      state: this.state,
      mesh: this.#session.stats ?? NO_MESH_STATS,
      playback: this.#playback.stats,
    });
  }

  jumpToLive(): void {
    this.#playback.jumpToLive();
  }

  /** Once a second: see who is there. */
  look(): void {
    const neighbors = this.#session.stats?.neighbors ?? [];
    for (const change of this.#neighbors.update(neighbors)) this.#handlers.onNeighbor(change);
    const isAlone = neighbors.length === 0 && this.#startupMs !== undefined;
    this.#aloneSinceMs = isAlone ? (this.#aloneSinceMs ?? performance.now()) : undefined;
  }

  close(): void {
    this.#playback.close();
    this.#session.close();
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
