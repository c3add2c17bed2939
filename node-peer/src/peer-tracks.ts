import { type StreamDescriptor, tracksWith, videoRenditions, WIRE_LIMITS } from "#protocol";
import type { TrackChoice } from "#transport";
import type { PeerLog } from "./peer-log.ts";

/** Those of the stream and those that it may still name. */
const EVERY_TRACK = Array.from({ length: WIRE_LIMITS.tracks }, (_, track) => track);

export type TrackWishes = {
  /** Id of the rendition of the picture, `v1`, or of a sound to have it alone, `a0`. */
  track?: string | undefined;
  /** Picture and sound together take no more than this, in bit/s, where there is such a rendition. */
  maxBitrateBps?: number | undefined;
};

/** One picture and all sound: the best rendition that was asked for, for as long as the publisher runs. */
export class PeerTracks implements TrackChoice {
  readonly #wishes: TrackWishes;
  readonly #log: PeerLog;
  #chosen: { startedAtMs: number; video: string | undefined } | undefined;

  constructor(wishes: TrackWishes, log: PeerLog) {
    this.#wishes = wishes;
    this.#log = log;
  }

  get joinVideo(): string | undefined {
    if (this.#chosen !== undefined) return this.#chosen.video ?? "none";
    return this.#wantsSoundAlone ? "none" : this.#wishes.track;
  }

  tracks(descriptor: StreamDescriptor): number[] {
    const { startedAtMs } = descriptor;
    // Of a publisher that runs, outputs would have to begin anew.
    if (this.#chosen?.startedAtMs === startedAtMs)
      return tracksWith(descriptor, this.#chosen.video);
    const isSettled = descriptor.tracks.every(({ bitrateBps }) => bitrateBps > 0);
    const video = this.#choose(descriptor, isSettled);
    // A stream that has just begun names its tracks one by one, and their rates some seconds later:
    // the picture may come after the sound, and nothing of it is to be missed.
    if (video === undefined && !this.#wantsSoundAlone) return EVERY_TRACK;
    this.#chosen = isSettled ? { startedAtMs, video } : undefined;
    return tracksWith(descriptor, video);
  }

  get #wantsSoundAlone(): boolean {
    return this.#wishes.track?.startsWith("a") === true;
  }

  #choose(descriptor: StreamDescriptor, isSettled: boolean): string | undefined {
    const { track, maxBitrateBps = Number.POSITIVE_INFINITY } = this.#wishes;
    const named = descriptor.tracks.find(({ id }) => id === track);
    if (named !== undefined) return named.kind === "video" ? named.id : undefined;
    const renditions = videoRenditions(descriptor);
    if (track !== undefined && isSettled) {
      const ids = descriptor.tracks.map(({ id }) => id).join(", ");
      this.#log.warn(
        {},
        `--track ${track}: the stream has ${ids}; taking the best that is allowed`,
      );
    }
    const soundBps = descriptor.tracks.find(({ kind }) => kind === "audio")?.bitrateBps ?? 0;
    const fits = renditions.find(({ bitrateBps }) => bitrateBps + soundBps <= maxBitrateBps);
    return (fits ?? renditions.at(-1))?.id;
  }
}
