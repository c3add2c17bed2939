import { MediaError } from "#media";
import type { MeshChunk } from "#mesh";
import type { StreamDescriptor, TrackDescriptor } from "#protocol";
import { AppendQueue } from "./append-queue.ts";
import { type BufferedRange, bufferedRanges } from "./buffered-ranges.ts";
import { canPlay } from "./codec-support.ts";
import { attachMediaSource, mediaSourceClass } from "./media-source.ts";
import { MediaTimeline } from "./media-timeline.ts";
import { type PlayableTrack, playableTracks } from "./playable-tracks.ts";
import { type AppendedChunk, mimeTypeOf, TrackFeed } from "./track-feed.ts";

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
  /** The picture is appended from another rendition now; {@link MseSink.shownAt} tells when it is seen. */
  onRendition(id: string): void;
  /** A chunk of this track is on its way to the decoder, in order. */
  onAppend?(trackId: string, appended: AppendedChunk): void;
  /** At most once; the sink does nothing more, but has to be closed. */
  onFailure(failure: SinkFailure): void;
};

type Track = { id: string; index: number; feed: TrackFeed; queue: AppendQueue };

/** The rendition that is to replace the lead track's. */
type Next = { id: string; index: number; feed: TrackFeed };

/** Chunks kept until the media source is open, which takes some milliseconds. */
const EARLY_MAX = 200;
/** Media ahead of the playhead that is not replaced by another rendition, in ms: decoders have it. */
const DECODED_AHEAD_MS = 250;
/** A forward buffer as short as this, in ms, is as good as none. */
const DRY_MS = 60;
/** Two renditions' chunks of one time begin within this, in ms. */
const ROUNDING_MS = 1;
/** Changes remembered: those ahead of the playhead. */
const SHOWN_MAX = 16;
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
  /** What it began with, or will. */
  #rendition: string | undefined;
  #next: Next | undefined;
  /** From which media time on, in ms, which rendition is there. */
  #shown: { fromMs: number; id: string }[] = [];
  #skippedBeforeMs = 0;
  #descriptor: StreamDescriptor | undefined;
  #isOver = false;
  /** A managed media source has enough for now. */
  #isSated = false;

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
    // Only managed ones say so. Before the first word they are given what there is: without media
    // nobody can play, and without playing they do not ask.
    mediaSource.addEventListener("endstreaming", () => {
      this.#isSated = true;
    });
    mediaSource.addEventListener("startstreaming", () => {
      this.#isSated = false;
      handlers.onUpdate();
    });
  }

  get ranges(): BufferedRange[] {
    return bufferedRanges(this.#video.buffered);
  }

  /** Media given up because it never came, in ms: of the picture, or of the sound without one. */
  get skippedMs(): number {
    return this.#skippedBeforeMs + (this.#tracks?.[0]?.feed.skippedMs ?? 0);
  }

  /** Id of the rendition at a media time; undefined before there is any. */
  shownAt(mediaTimeMs: number): string | undefined {
    return (this.#shown.findLast(({ fromMs }) => fromMs <= mediaTimeMs) ?? this.#shown[0])?.id;
  }

  /**
   * Go on with another rendition of the picture at one of its independent chunks ahead of the playhead,
   * as soon as there is one; until then with the one there is.
   * @param id Undefined, or the present one: stay with that.
   */
  changeTo(id: string | undefined): void {
    this.#next = undefined;
    const lead = this.#tracks?.[0];
    const tracks = this.#descriptor?.tracks ?? [];
    const index = tracks.findIndex((track) => track.id === id);
    const track = tracks[index];
    if (lead === undefined || track?.kind !== "video" || id === undefined || id === lead.id) return;
    if (!canPlay(track)) return;
    const feed = this.#newFeed(id, lead.queue, lead.feed.mimeType, true);
    this.#read(() => feed.describe(track));
    this.#next = { id, index, feed };
  }

  /**
   * What the stream consists of, and again whenever that changed.
   * @param rendition To begin with, see {@link playableTracks}.
   */
  describe(descriptor: StreamDescriptor, rendition?: string): void {
    this.#descriptor = descriptor;
    if (this.#tracks === undefined) {
      this.#rendition = rendition;
      return this.#begin();
    }
    const tracks = this.#tracks;
    const wanted = this.#wantedTracks();
    const isSameSet =
      wanted.length === tracks.length && wanted.every(({ index }, i) => tracks[i]?.index === index);
    if (!isSameSet) return this.#fail({ code: "outdated" });
    const unsupported = wanted.find(({ track }) => !canPlay(track));
    if (unsupported !== undefined) return this.#failCodec(unsupported.track);
    this.#read(() => {
      for (const [place, { track }] of wanted.entries()) tracks[place]?.feed.describe(track);
      const next = descriptor.tracks[this.#next?.index ?? -1];
      if (next !== undefined) this.#next?.feed.describe(next);
    });
  }

  /** Init segments of other times, for chunks of then. */
  learn({ tracks }: Pick<StreamDescriptor, "tracks">): void {
    this.#read(() => {
      for (const { id, feed } of this.#tracks ?? []) {
        const track = tracks.find((other) => other.id === id);
        if (track !== undefined) feed.describe(track);
      }
    });
  }

  /**
   * Forget all media and go on with what comes from now on, of whichever time. The picture on screen stays
   * until there is another.
   * @param rendition Of the picture; the present one if it is not that of a picture.
   */
  restart(rendition?: string): void {
    this.#next = undefined;
    this.#early = [];
    this.#shown = [];
    this.#skippedBeforeMs = this.skippedMs;
    this.timeline.clear();
    const all = this.#descriptor?.tracks ?? [];
    this.#tracks = this.#tracks?.map(({ id, index, queue, feed: { mimeType } }, place) => {
      const found = all.findIndex((track) => track.id === rendition && track.kind === "video");
      const at = place === 0 && all[index]?.kind === "video" && found >= 0 ? found : index;
      const track = all[at];
      const feed = this.#newFeed(track?.id ?? id, queue, mimeType, place === 0);
      if (track !== undefined) this.#read(() => feed.describe(track));
      queue.clear();
      return { id: track?.id ?? id, index: at, queue, feed };
    });
  }

  push(chunk: MeshChunk): void {
    if (this.#isOver) return;
    if (this.#tracks === undefined) {
      if (this.#early.length < EARLY_MAX) this.#early.push(chunk);
      return;
    }
    if (this.#next?.index === chunk.track) return this.#next.feed.push(chunk);
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
    this.#read(() => this.#takeOver(nowMs, forwardBufferMs));
    const tracks = this.#tracks ?? [];
    for (const { feed } of tracks) feed.collect(nowMs, forwardBufferMs);
    if (this.#isSated || tracks.some(({ feed }) => feed.heldMs < holdMs)) return;
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
    const unsupported = wanted.find(({ track }) => !canPlay(track));
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
    const lead = this.#tracks?.[0]?.id ?? this.#rendition;
    const tracks = this.#descriptor === undefined ? [] : playableTracks(this.#descriptor, lead);
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
    const feed = this.#newFeed(track.id, queue, mimeType, isLead);
    feed.describe(track);
    return { id: track.id, index, feed, queue };
  }

  #newFeed(id: string, queue: AppendQueue, mimeType: string, isLead: boolean): TrackFeed {
    return new TrackFeed({
      queue,
      mimeType,
      onAppend: (appended) => {
        this.#handlers.onAppend?.(id, appended);
        if (!isLead) return;
        const { chunk, mediaTimeMs } = appended;
        const { sourceTimeMs, durationMs } = chunk;
        this.timeline.add({ mediaTimeMs, sourceTimeMs, durationMs });
        if (this.#shown.at(-1)?.id === id) return;
        this.#shown.push({ fromMs: mediaTimeMs, id });
        if (this.#shown.length > SHOWN_MAX) this.#shown.shift();
      },
    });
  }

  /** The next rendition takes the place of the present one where that cannot be seen. */
  #takeOver(nowMs: number, forwardBufferMs: number): void {
    const next = this.#next;
    const lead = this.#tracks?.[0];
    if (next === undefined || lead === undefined) return;
    next.feed.collect(nowMs, forwardBufferMs);
    const isDry = forwardBufferMs <= DRY_MS;
    const playheadMs = this.#video.currentTime * 1000;
    const startMs = next.feed.beginAt(isDry ? 0 : playheadMs + DECODED_AHEAD_MS);
    if (startMs === undefined) return;
    const endMs = lead.feed.endMs ?? startMs;
    // Between the two there must be no hole.
    if (!isDry && endMs < startMs - ROUNDING_MS) return;
    this.#next = undefined;
    this.#skippedBeforeMs += lead.feed.skippedMs;
    this.#tracks = [{ ...next, queue: lead.queue }, ...(this.#tracks ?? []).slice(1)];
    this.#handlers.onRendition(next.id);
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
