import type { MeshChunk } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import { MseSink, type SinkFailure } from "./mse-sink.ts";
import { playableTracks } from "./playable-tracks.ts";
import { reasonOf } from "./reason-of.ts";
import { RecentChunks } from "./recent-chunks.ts";
import type { AppendedChunk } from "./track-feed.ts";
import { TrackPresence } from "./track-presence.ts";

/** What a new sink cannot heal. */
export type PlaybackFailure = Exclude<SinkFailure, { code: "outdated" }>;

export type RenewableSinkHandlers = {
  /** `buffered` changed. */
  onUpdate(): void;
  /** The media element is about to get a new source, and loses position and sums. */
  onRenew(): void;
  /** See {@link MseSinkHandlers.onRendition}. */
  onRendition(id: string): void;
  /** See {@link MseSinkHandlers.onAppend}. */
  onAppend?(trackId: string, appended: AppendedChunk): void;
  onFailure(failure: PlaybackFailure): void;
};

/** So many new sinks within this time, in ms, mean that the browser cannot play the stream. */
const RENEWALS_MAX = 4;
const RENEWAL_PERIOD_MS = 20_000;

/**
 * A sink that is replaced when the publisher starts anew, when the browser stumbles over the media,
 * and when a track stays away or comes back.
 */
export class RenewableSink {
  readonly #video: HTMLVideoElement;
  readonly #handlers: RenewableSinkHandlers;
  readonly #presence = new TrackPresence();
  readonly #recent = new RecentChunks();
  /** Tracks that the sink does without. */
  #absent = this.#presence.absent;
  #sink: MseSink;
  #descriptor: StreamDescriptor | undefined;
  #rendition: string | undefined;
  #renewedAtMs: number[] = [];
  readonly #renewals = { count: 0, lastReason: null as string | null };
  #skippedMs = 0;
  #isPast = false;
  #isOver = false;

  constructor(video: HTMLVideoElement, handlers: RenewableSinkHandlers) {
    this.#video = video;
    this.#handlers = handlers;
    this.#sink = this.#newSink();
    // Decoders report here what the source buffers let pass.
    video.addEventListener("error", this.#onVideoError);
  }

  get current(): MseSink {
    return this.#sink;
  }

  /** Media given up because it never came, in ms. */
  get skippedMs(): number {
    return this.#skippedMs + this.#sink.skippedMs;
  }

  /** How often a new sink was needed, and why the last time. */
  get renewals(): { count: number; lastReason: string | null } {
    return { ...this.#renewals };
  }

  /** @param rendition To begin with, see {@link playableTracks}: at first, and when the present one is gone. */
  describe(descriptor: StreamDescriptor, rendition?: string): void {
    this.#descriptor = descriptor;
    const isThere = descriptor.tracks.some(({ id }) => id === this.#rendition);
    if (!isThere) this.#rendition = rendition;
    this.#expect();
    this.#sink.describe(descriptor, this.#rendition);
  }

  /** What is pushed is of the past now: whatever comes live is only remembered. */
  goBack(rendition: string | undefined): void {
    const isSame = this.#kindOf(rendition) === this.#kindOf(this.#rendition);
    if (rendition !== undefined && rendition !== this.#rendition) this.#changed(rendition);
    if (isSame || rendition === undefined) this.#sink.restart(rendition);
    else this.#renew("picture or sound alone was chosen");
    this.#isPast = true;
  }

  /** Go on at live, with the newest chunks that came meanwhile. */
  goLive(): void {
    this.#isPast = false;
    this.#sink.restart(this.#rendition);
    this.#pushRecent();
  }

  /** See {@link MseSink.changeTo}. From and to sound alone it is seen: there is another media source then. */
  changeTo(id: string | undefined): void {
    const kind = this.#kindOf(id);
    if (id === undefined || kind === this.#kindOf(this.#rendition)) return this.#sink.changeTo(id);
    this.#changed(id);
    this.#renew(kind === "audio" ? "sound alone was chosen" : "the picture was chosen");
    this.#pushRecent();
  }

  #kindOf(id: string | undefined): "video" | "audio" | undefined {
    return this.#descriptor?.tracks.find((track) => track.id === id)?.kind;
  }

  push(chunk: MeshChunk, nowMs: number): void {
    const id = this.#descriptor?.tracks[chunk.track]?.id;
    if (id !== undefined) this.#presence.note(id, chunk.durationMs, nowMs);
    if (!this.#isPast) this.#play(chunk);
    this.#recent.add(chunk);
  }

  /** A chunk of the past; ignored at live. */
  pushPast(chunk: MeshChunk): void {
    if (this.#isPast) this.#play(chunk);
  }

  #play(chunk: MeshChunk): void {
    const sink = this.#sink;
    sink.push(chunk);
    // It was this chunk that did not fit the old one.
    if (sink !== this.#sink) this.#sink.push(chunk);
  }

  /**
   * Play with the tracks that there are.
   * @param isWaiting Playback waits for media: the time to give up a track that brings none.
   */
  adaptTracks(isWaiting: boolean): void {
    const { absent } = this.#presence;
    // So it is for hours, at every chunk.
    if (absent === this.#absent || this.#isPast) return;
    const lost = [...absent].filter((id) => !this.#absent.has(id));
    const returned = [...this.#absent].filter((id) => !absent.has(id));
    if (this.#isOver || (returned.length === 0 && (lost.length === 0 || !isWaiting))) return;
    this.#absent = absent;
    const changes = [
      ...lost.map((id) => `${id} stays away`),
      ...returned.map((id) => `${id} is back`),
    ];
    this.#renew(changes.join(", "));
    this.#pushRecent();
  }

  #pushRecent(): void {
    for (const chunk of this.#recent.all) this.#sink.push(chunk);
  }

  close(): void {
    this.#isOver = true;
    this.#video.removeEventListener("error", this.#onVideoError);
    this.#sink.close();
  }

  #newSink(): MseSink {
    const handlers = {
      onUpdate: () => this.#handlers.onUpdate(),
      onRendition: (id: string) => this.#changed(id),
      onAppend: (id: string, appended: AppendedChunk) => this.#handlers.onAppend?.(id, appended),
      onFailure: (failure: SinkFailure) => this.#heal(failure),
    };
    return new MseSink(this.#video, handlers, this.#absent);
  }

  #changed(id: string): void {
    this.#rendition = id;
    this.#expect();
    this.#handlers.onRendition(id);
  }

  #expect(): void {
    if (this.#descriptor === undefined) return;
    const tracks = playableTracks(this.#descriptor, this.#rendition);
    this.#presence.expect(tracks.map(({ track }) => track.id));
  }

  #onVideoError = (): void => {
    const cause = this.#video.error;
    if (cause !== null) this.#heal({ code: "refused", cause });
  };

  #heal(failure: SinkFailure): void {
    if (this.#isOver) return;
    const nowMs = performance.now();
    this.#renewedAtMs = this.#renewedAtMs.filter((atMs) => nowMs - atMs < RENEWAL_PERIOD_MS);
    const isHopeless = this.#renewedAtMs.length >= RENEWALS_MAX;
    if (failure.code !== "outdated" && (failure.code !== "refused" || isHopeless)) {
      this.close();
      this.#handlers.onFailure(failure);
      return;
    }
    this.#renewedAtMs.push(nowMs);
    // From another beginning, or what the browser has just refused.
    this.#recent.clear();
    this.#renew(
      failure.code === "refused" ? reasonOf(failure.cause) : "the publisher started anew",
    );
  }

  #renew(reason: string): void {
    this.#renewals.count++;
    this.#renewals.lastReason = reason;
    // Whatever was wrong there, live is where things go on by themselves.
    this.#isPast = false;
    this.#handlers.onRenew();
    this.#skippedMs += this.#sink.skippedMs;
    this.#sink.close();
    this.#sink = this.#newSink();
    if (this.#descriptor !== undefined) this.#sink.describe(this.#descriptor, this.#rendition);
  }
}
