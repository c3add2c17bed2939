import type { SignedDescriptor } from "./descriptor.ts";
import type { StreamId } from "./ids.ts";

/** One entry of `GET /api/streams`. A contract: fields are added, never changed. */
export type ApiStream = {
  id: StreamId;
  title: string;
  /** False while no encoder is connected. */
  live: boolean;
  /** Path of the watch page on this server. */
  watchUrl: string;
  tracks: ApiTrack[];
  viewers: number;
  /** ISO 8601. */
  startedAt: string;
  /** What it looks like, at its origin: `.mp4` is a movie of one key frame, which any browser shows,
   * `.jpg` is there if the origin has an ffmpeg. Relative to this server. Missing without video, or
   * without an origin. */
  still?: { movieUrl: string; pictureUrl: string };
};

export type ApiTrack = {
  id: string;
  kind: "video" | "audio";
  codec: string;
  bitrateBps: number;
  width?: number;
  height?: number;
  sampleRateHz?: number;
  channels?: number;
};

/** `GET /api/stats`, cumulative since start. A contract: fields are added, never changed. */
export type ApiStats = {
  streams: {
    id: StreamId;
    viewers: number;
    chunks: number;
    blocks: number;
    /** `copy` is one copy of everything published so far; the others are bytes sent. */
    bytes: { copy: number; seeder: number; origin: number; control: number };
  }[];
};

/**
 * `GET /streams/:id/past/:sourceTimeMs`: where to begin in the past. Nothing of it is signed: what it
 * names is checked when it comes.
 */
export type OriginPast = {
  /** Of the chunk of the picture, or of the sound without one: key frame before the time asked for. */
  sourceTimeMs: number;
  /** For each track, the chunk that plays there. */
  tracks: { id: string; sequence: number }[];
  /** The oldest source time there is. */
  oldestSourceTimeMs: number;
  /** For chunks that need init segments of then: the last descriptors that had them. */
  descriptors: SignedDescriptor[];
};

/** Every error answer of the HTTP API. */
export type ApiError = { error: { code: string; message: string } };
