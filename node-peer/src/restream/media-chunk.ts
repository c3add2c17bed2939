import type { Sample } from "#media";

/** One track as its init segment describes it; a new init segment makes another one. */
export type MediaTrack = {
  kind: "video" | "audio";
  init: Uint8Array;
  initVersion: number;
  timescale: number;
};

/** A chunk in order, on the time line of our output: from about 0, and never back. */
export type MediaChunk = {
  track: MediaTrack;
  startMs: number;
  endMs: number;
  /** Its first frame can be decoded without what came before. */
  isIndependent: boolean;
  samples: readonly Sample[];
  /** `moof` + `mdat` as they came: times in there are the stream's own. */
  bytes: Uint8Array;
};

/** What becomes of a stream on its way to outputs. */
export type MediaEvent =
  /** These tracks make up the stream from now on. */
  { type: "tracks"; tracks: readonly MediaTrack[] } | { type: "chunk"; chunk: MediaChunk };
