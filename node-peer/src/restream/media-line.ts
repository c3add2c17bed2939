import { MediaError, type MediaErrorCode, readChunk, readTimescale } from "#media";
import type { MeshChunk } from "#mesh";
import { fromHex, type StreamDescriptor } from "#protocol";
import type { PeerLog } from "../peer-log.ts";
import type { MediaChunk, MediaEvent, MediaTrack } from "./media-chunk.ts";
import { type OrderedChunk, TrackOrder } from "./track-order.ts";

/** Init segments remembered per track: chunks in flight need the one before. */
const INITS_MAX = 4;

/** One track of the stream: which place it has, its order, and its init segments by version. */
type Lane = {
  kind: MediaTrack["kind"];
  index: number;
  order: TrackOrder;
  tracks: Map<number, MediaTrack>;
  current: MediaTrack | undefined;
  /** After a hole, until the next key frame, video would only be garbage. */
  isBroken: boolean;
};

/**
 * Chunks as the mesh completes them become the stream as outputs write it: the first video and the
 * first audio track, each in order, on one time line that starts at about 0 and goes on when the
 * publisher starts anew. The tracks are not merged here.
 */
export class MediaLine {
  readonly #log: PeerLog;
  #lanes: Lane[] = [];
  #startedAtMs: number | undefined;
  /** Stream time minus output time, in ms; undefined before the first chunk of a run. */
  #offsetMs: number | undefined;
  #endMs = 0;
  readonly #complaints = new Set<MediaErrorCode>();

  constructor(log: PeerLog) {
    this.#log = log;
  }

  /**
   * The stream as it is now.
   * @param tracks Those that come, by their place in the descriptor: the first of each kind is written. Default all.
   * @returns What was still waiting of an earlier run.
   */
  describe(descriptor: StreamDescriptor, tracks?: readonly number[]): MediaEvent[] {
    const isNewRun = descriptor.startedAtMs !== (this.#startedAtMs ?? descriptor.startedAtMs);
    const rest = isNewRun ? this.#endRun() : [];
    this.#startedAtMs = descriptor.startedAtMs;
    for (const kind of ["video", "audio"] as const) {
      const isMeant = (index: number) => tracks?.includes(index) ?? true;
      const index = descriptor.tracks.findIndex((each, at) => each.kind === kind && isMeant(at));
      const described = descriptor.tracks[index];
      this.#lanes = this.#lanes.filter((lane) => lane.kind !== kind || lane.index === index);
      if (described === undefined) continue;
      const track = this.#readTrack(kind, described);
      if (track !== undefined) this.#learn(index, track);
    }
    return rest;
  }

  push(chunk: MeshChunk): MediaEvent[] {
    const lane = this.#lanes.find(({ index }) => index === chunk.track);
    // What is left of an earlier run has no place on this time line.
    if (lane === undefined || chunk.sourceTimeMs < (this.#startedAtMs ?? 0)) return [];
    return this.#place(lane, lane.order.push(chunk));
  }

  /** Time has passed: holes in front of what is due are given up. */
  tick(playheadSourceMs: number): MediaEvent[] {
    return this.#lanes.flatMap((lane) => this.#place(lane, lane.order.skipTo(playheadSourceMs)));
  }

  #endRun(): MediaEvent[] {
    const rest = this.#lanes.flatMap((lane) => this.#place(lane, lane.order.flush()));
    this.#lanes = [];
    this.#offsetMs = undefined;
    return rest;
  }

  #learn(index: number, track: MediaTrack): void {
    let lane = this.#lanes.find((candidate) => candidate.index === index);
    if (lane === undefined) {
      lane = {
        kind: track.kind,
        index,
        order: new TrackOrder(),
        tracks: new Map(),
        current: undefined,
        isBroken: track.kind === "video",
      };
      this.#lanes.push(lane);
    }
    if (lane.tracks.has(track.initVersion)) return;
    lane.tracks.set(track.initVersion, track);
    for (const oldest of lane.tracks.keys()) {
      if (lane.tracks.size <= INITS_MAX) break;
      lane.tracks.delete(oldest);
    }
  }

  #place(lane: Lane, ordered: readonly OrderedChunk[]): MediaEvent[] {
    return ordered.flatMap(({ chunk, missing }) => {
      const track = lane.tracks.get(chunk.initVersion);
      if (track === undefined || missing > 0) lane.isBroken = track?.kind !== "audio";
      if (track === undefined || (lane.isBroken && !chunk.isIndependent)) return [];
      const media = this.#read(track, chunk);
      if (media === undefined) return [];
      lane.isBroken = false;
      this.#endMs = Math.max(this.#endMs, media.endMs);
      const event: MediaEvent = { type: "chunk", chunk: media };
      return lane.current === track ? [event] : [this.#switch(lane, track), event];
    });
  }

  #switch(lane: Lane, track: MediaTrack): MediaEvent {
    lane.current = track;
    // Those not heard of yet are counted in as they were described.
    const tracks = this.#lanes.flatMap(({ current, tracks: all }) => {
      const known = current ?? [...all.values()].at(-1);
      return known === undefined ? [] : [known];
    });
    return { type: "tracks", tracks };
  }

  #read(track: MediaTrack, chunk: MeshChunk): MediaChunk | undefined {
    try {
      const { decodeTimeTicks, samples } = readChunk(chunk.bytes);
      const ticks = samples.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
      const streamMs = (decodeTimeTicks * 1000) / track.timescale;
      this.#offsetMs ??= streamMs - this.#endMs;
      const startMs = streamMs - this.#offsetMs;
      const endMs = startMs + (ticks * 1000) / track.timescale;
      const { bytes, isIndependent } = chunk;
      return { track, startMs, endMs, isIndependent, samples, bytes };
    } catch (error) {
      this.#warn(error, `chunk ${chunk.sequence} of track ${chunk.track} left out`);
      return undefined;
    }
  }

  #readTrack(
    kind: MediaTrack["kind"],
    { init: hex, initVersion, codec }: StreamDescriptor["tracks"][number],
  ): MediaTrack | undefined {
    try {
      const init = fromHex(hex);
      return { kind, init, initVersion, timescale: readTimescale(init) };
    } catch (error) {
      this.#warn(error, `${kind} in ${codec} cannot be written to outputs`);
      return undefined;
    }
  }

  /** The publisher's media may be anything, for ever: each kind of complaint is made once. */
  #warn(error: unknown, what: string): void {
    if (!(error instanceof MediaError)) throw error;
    if (this.#complaints.has(error.code)) return;
    this.#complaints.add(error.code);
    this.#log.warn({ reason: error.message }, what);
  }
}
