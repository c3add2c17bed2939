import type { StreamId } from "#protocol";
import type { EncodedFrame } from "./chunk-cutter.ts";
import type { DecoderFacts } from "./track-coding.ts";

export type TrackKind = "video" | "audio";

/** Where a broadcast goes to: into the mesh by itself, or to an ingest. */
export interface Outlet {
  readonly facts: OutletFacts;
  /** Which tracks there will be; before their first frame. */
  begin(kinds: readonly TrackKind[]): void;
  /** A frame just encoded. Never fails: what cannot be sent is left out. */
  add(kind: TrackKind, frame: EncodedFrame, facts: DecoderFacts): void;
  /** Say that it is over, as far as anybody can be told. */
  close(): Promise<void>;
}

export type OutletFacts = {
  /** Of the stream this becomes; undefined until it is known. */
  streamId: StreamId | undefined;
  isConnected: boolean;
  /** For good, in one line for people. */
  refusal: string | undefined;
  /** Frames are left out, for the uplink carries less than they are. */
  isTooSlow: boolean;
  sentBytes: number;
};
