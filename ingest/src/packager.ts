import type { MediaPacket } from "./container/media-packet.ts";

/** Parameters of one track, as found in the input; a change makes a new init segment. */
export type PackagedTrack = {
  kind: "video" | "audio";
  /** Which of several encodings of the picture, 0 to 5, best first. Default 0. */
  rendition?: number;
  /** RFC 6381, for one `avc1.64001e` or `mp4a.40.2`. */
  codec: string;
  initSegment: Uint8Array;
  /** Rises by one each time the parameters change. */
  initVersion: number;
  timescale: number;
  width?: number;
  height?: number;
  /** Captions found in the pictures so far, by the names of HLS: `CC1`. */
  captions?: readonly string[];
  sampleRateHz?: number;
  channels?: number;
};

/** One `moof` + `mdat` with what the block header needs. Media time never runs backwards. */
export type PackagedChunk = {
  kind: "video" | "audio";
  /** As of its track. Default 0. */
  rendition?: number;
  /** Rises by one per kind and rendition for the life of the packager. */
  sequence: number;
  bytes: Uint8Array;
  initVersion: number;
  isIndependent: boolean;
  isDiscontinuity: boolean;
  /** Decode time of the first sample on the stream's own time line, in ms, from 0. */
  mediaTimeMs: number;
  durationMs: number;
  /** When the first frame reached ingest, Unix ms; never falls. See docs/design/packager.md. */
  sourceTimeMs: number;
};

export type PackagerEvent =
  | { type: "track"; track: PackagedTrack }
  | { type: "chunk"; chunk: PackagedChunk }
  /** One line for people: what was found, what was expected. Rate-limited by the packager. */
  | { type: "warning"; message: string };

/** Bytes in, chunks out. Pure: no clock, no I/O. */
export interface Packager {
  /** @param wallClockMs When these bytes arrived, Unix ms. */
  push(bytes: Uint8Array, wallClockMs: number): PackagerEvent[];
  /** For packagers that take what was read from containers, too. */
  pushPacket?(packet: MediaPacket, wallClockMs: number): PackagerEvent[];
  /** Another wanted length, from the chunk on that is being made. May be missing, where chunks cannot
   * change. @throws {RangeError} Outside of 20 to 10,000 ms. */
  setChunkMs?(chunkMs: number): void;
  /** A new beginning: what is buffered goes out, the next timestamps may be anything. */
  discontinuity(): PackagerEvent[];
  /** What is still buffered, at the end of input. */
  flush(): PackagerEvent[];
  /**
   * A still picture and silence of this length, after `discontinuity` and in place of what does not
   * come. Made of what came, so that it has its codecs and size; nothing where nothing came. May
   * be missing, where there is nothing to be shown or heard.
   * @param wallClockMs Now: it is shown from now on.
   */
  hold?(durationMs: number, wallClockMs: number): PackagerEvent[];
}
