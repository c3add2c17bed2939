import type { MediaPacket } from "./container/media-packet.ts";
import type { Packager } from "./packager.ts";

/** What a source yields: bytes as they came, or packets of a container it has read, or the news that
 * what follows is a new beginning. */
export type SourceEvent =
  /** At most `SLICE_BYTES`, so that what arrives late in a burst is not stamped as its start. */
  | { type: "bytes"; bytes: Uint8Array }
  /** From a container that was read already. */
  | { type: "packet"; packet: MediaPacket }
  /** An encoder (re)connected, or a file started over: timestamps may start anywhere. */
  | { type: "start"; description: string }
  /** The encoder went away; the source keeps waiting or reconnecting by itself. */
  | { type: "end"; reason: string }
  /** One line for people: where the source waits for an encoder now. */
  | { type: "waiting"; message: string }
  /** One line for people: what went wrong and what is done about it. */
  | { type: "warning"; message: string };

/**
 * The largest slice a source yields: 7 TS packets, as in a datagram; 15 ms of a 700 kbit/s stream.
 * When a source is paced, all of a slice is stamped as early as its first byte was asked for, so
 * its length is added to the latency.
 */
export const SLICE_BYTES = 7 * 188;

/**
 * Where media, or what brings its own packager, comes from. Bytes are MPEG-TS, MP4 in fragments,
 * Matroska or WebM. Iterating pulls: a consumer that does
 * not ask for more makes the source stop reading (TCP back-pressure), which is how a source faster
 * than real time is slowed down.
 * Iteration ends when there will never be more, or promptly when `signal` aborts; both leave no
 * file or socket open. One iteration at a time.
 */
export interface Source {
  /** What was asked for, as given: `tcp://127.0.0.1:3000`. */
  readonly name: string;
  /**
   * How far its media may run ahead of real time, in ms. 0 for what is read from disk, which comes
   * as fast as we ask; `LIVE_AHEAD_MS` for what paces itself and may come in bursts.
   */
  readonly aheadMs: number;
  /** What makes chunks of its bytes, where they are none of these. */
  readonly createPackager?: (options: { chunkMs: number }) => Packager;
  /** @throws {IngestError} While iterating, when the source cannot be opened or read at all. */
  events(signal: AbortSignal): AsyncIterable<SourceEvent>;
}

/**
 * Room for what a live encoder sends at once: its first GOP, or what a network held back. A guess:
 * more would let a file sent by `nc` run that far ahead of the playheads.
 */
export const LIVE_AHEAD_MS = 1000;
