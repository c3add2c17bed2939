import { MediaError } from "#media";
import type { MeshChunk } from "#mesh";
import type { StreamDescriptor, TrackDescriptor } from "#protocol";
import { AppendQueue } from "./append-queue.ts";
import { type BufferedRange, bufferedRanges } from "./buffered-ranges.ts";
import { attachMediaSource, mediaSourceClass } from "./media-source.ts";
import { MediaTimeline } from "./media-timeline.ts";
import { type PlayableTrack, playableTracks } from "./playable-tracks.ts";
import { mimeTypeOf, TrackFeed } from "./track-feed.ts";

/**
 * Why a sink can do no more.
 * - `unsupported-codec`: this browser cannot play it; another may.
 * - `no-media-source`: a browser without Media Source Extensions.
 * - `refused`: the browser did not like the media; a new sink may do.
 * - `outdated`: the publisher started anew or has more tracks now; needs a new sink.
 */
export type SinkFailure =
  | { code: "unsupported-codec"; codec: string }
  | { code: "no-media-source" }
  | { code: "refused"; cause: unknown }
  | { code: "outdated" };

export type MseSinkHandlers = {
  /** `buffered` changed. */
  onUpdate(): void;
  /** At most once; the sink does nothing more, but has to be closed. */
  onFailure(failure: SinkFailure): void;
};

type Track = { index: number; feed: TrackFeed; queue: AppendQueue };

/** Chunks kept until the media source is open, which takes some milliseconds. */
const EARLY_MAX = 200;
/** What may go when the quota is used up: everything further behind the playhead, in seconds. */
const KEEP_BEHIND_SEC = 1;

/** Chunks in, pictures out: one media source and its source buffers, from open to closed. */
export class MseSink {
  readonly timeline = new MediaTimeline();
  readonly #video: HTMLVideoElement;
  readonly #handlers: MseSinkHandlers;
  readonly #absent: ReadonlySet<string>;
  readonly #mediaSource: MediaSource | undefined;
  readonly #detach: () => void = () => {};
  #tracks: Track[] | undefined;
  #early: MeshChunk[] = [];
  #descriptor: StreamDescriptor | undefined;
  #isOver = false;

  /** @param absent Ids of the tracks to play without: an empty source buffer holds up the others. */
  constructor(
    video: HTMLVideoElement,
    handlers: MseSinkHandlers,
    absent: ReadonlySet<string> = new Set(),
  ) {
    this.#video = video;
    this.#handlers = handlers;
    this.#absent = absent;
    if (mediaSourceClass() === undefined) {
      queueMicrotask(() => this.#fail({ code: "no-media-source" }));
      return;
    }
    const { mediaSource, detach } = attachMediaSource(video);
    this.#mediaSource = mediaSource;
    this.#detach = detach;
    mediaSource.addEventListener("sourceopen", () => this.#begin(), { once: true });
  }

  get ranges(): BufferedRange[] {
    return bufferedRanges(this.#video.buffered);
  }

  /** Media given up because it never came, in ms: of the picture, or of the sound without one. */
  get skippedMs(): number {
    return this.#tracks?.[0]?.feed.skippedMs ?? 0;
  }

  /** What the stream consists of, and again whenever that changed. */
  describe(descriptor: StreamDescriptor): void {
    this.#descriptor = descriptor;
    if (this.#tracks === undefined) return this.#begin();
    const tracks = this.#tracks;
    const wanted = this.#wantedTracks();
    const isSameSet =
      wanted.length === tracks.length && wanted.every(({ index }, i) => tracks[i]?.index === index);
    if (!isSameSet) return this.#fail({ code: "outdated" });
    const unsupported = wanted.find(({ track }) => !isSupported(track));
    if (unsupported !== undefined) return this.#failCodec(unsupported.track);
    this.#read(() => {
      for (const [place, { track }] of wanted.entries()) tracks[place]?.feed.describe(track);
    });
  }

  push(chunk: MeshChunk): void {
    if (this.#isOver) return;
    if (this.#tracks === undefined) {
      if (this.#early.length < EARLY_MAX) this.#early.push(chunk);
      return;
    }
    const feed = this.#tracks.find(({ index }) => index === chunk.track)?.feed;
    this.#read(() => {
      if (feed?.startsAnew(chunk)) this.#fail({ code: "outdated" });
      else feed?.push(chunk);
    });
  }

  /**
   * Append what can be appended.
   * @param forwardBufferMs Media left to play; 0 before playback.
   * @param holdMs Every track has to have as much in line first: playback that ran out of media
   * goes on with some in reserve instead of stumbling from chunk to chunk.
   */
  pump(nowMs: number, forwardBufferMs: number, holdMs: number): void {
    const tracks = this.#tracks ?? [];
    for (const { feed } of tracks) feed.collect(nowMs, forwardBufferMs);
    if (tracks.some(({ feed }) => feed.heldMs < holdMs)) return;
    this.#read(() => {
      for (const { feed } of tracks) feed.flush();
    });
  }

  /** Drop media before this time, to keep the memory bounded. */
  removeBefore(mediaTimeMs: number): void {
    for (const { queue } of this.#tracks ?? []) queue.remove(0, mediaTimeMs / 1000);
  }

  /** Takes the media source from the element, which forgets what it has played. */
  close(): void {
    this.#stop();
    this.#detach();
  }

  /** As soon as the media source is open and the tracks are known; both may be seen at once, for
   * `sourceopen` comes some time after the media source says that it is open. */
  #begin(): void {
    if (this.#tracks !== undefined) return;
    const wanted = this.#wantedTracks();
    if (this.#mediaSource?.readyState !== "open" || wanted.length === 0 || this.#isOver) return;
    const unsupported = wanted.find(({ track }) => !isSupported(track));
    if (unsupported !== undefined) return this.#failCodec(unsupported.track);
    try {
      this.#tracks = wanted.map((track, place) => this.#openTrack(track, place === 0));
    } catch (cause) {
      return this.#fail({ code: "refused", cause });
    }
    for (const chunk of this.#early.splice(0)) this.push(chunk);
    this.#handlers.onUpdate();
  }

  #wantedTracks(): PlayableTrack[] {
    const tracks = this.#descriptor === undefined ? [] : playableTracks(this.#descriptor);
    return tracks.filter(({ track }) => !this.#absent.has(track.id));
  }

  #openTrack({ track, index }: PlayableTrack, isLead: boolean): Track {
    const mimeType = mimeTypeOf(track);
    const buffer = this.#mediaSource?.addSourceBuffer(mimeType);
    if (buffer === undefined) throw new Error("the media source is gone");
    const queue = new AppendQueue(buffer, {
      onUpdate: () => this.#handlers.onUpdate(),
      removableBeforeSec: () => this.#video.currentTime - KEEP_BEHIND_SEC,
      onFull: () => this.#fail({ code: "refused", cause: new Error("no room for media") }),
      onError: (cause) => this.#fail({ code: "refused", cause }),
    });
    const feed = new TrackFeed({
      queue,
      mimeType,
      onAppend: ({ chunk: { sourceTimeMs, durationMs }, mediaTimeMs }) => {
        if (isLead) this.timeline.add({ mediaTimeMs, sourceTimeMs, durationMs });
      },
    });
    feed.describe(track);
    return { index, feed, queue };
  }

  /** Media that is signed, but not what our own packager makes. */
  #read(read: () => void): void {
    try {
      read();
    } catch (cause) {
      if (!(cause instanceof MediaError)) throw cause;
      this.#fail({ code: "refused", cause });
    }
  }

  #failCodec({ codec }: TrackDescriptor): void {
    this.#fail({ code: "unsupported-codec", codec });
  }

  #stop(): void {
    this.#isOver = true;
    for (const { queue } of this.#tracks ?? []) queue.close();
  }

  #fail(failure: SinkFailure): void {
    if (this.#isOver) return;
    this.#stop();
    this.#handlers.onFailure(failure);
  }
}

function isSupported(track: TrackDescriptor): boolean {
  return mediaSourceClass()?.isTypeSupported(mimeTypeOf(track)) ?? false;
}
