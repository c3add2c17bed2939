import type {
  Block,
  ByeReason,
  PeerId,
  PeerMessage,
  PeerRecord,
  SignedPeerRecord,
  StreamDescriptor,
} from "#protocol";
import type { MeshOptions } from "./options.ts";

/** Where a block came from: a neighbor, or the origin over HTTP. */
export type BlockSender = PeerId | "origin";

/** What the outside world tells the engine. */
export type MeshEvent =
  /** The tracker, or a neighbor, named peers of the swarm. */
  | { type: "peers-introduced"; peers: readonly PeerRecord[] }
  /** A data channel is open; `isDialed` when it was this peer that asked for it. */
  | { type: "neighbor-connected"; peer: PeerRecord; isDialed: boolean }
  /** A `connect` action came to nothing. */
  | { type: "connect-failed"; peer: PeerId }
  | { type: "neighbor-disconnected"; peer: PeerId }
  | { type: "message-received"; from: PeerId; message: PeerMessage; sizeBytes: number }
  /** Bytes came that are no message: the driver caught the `DecodeError`. */
  | { type: "bad-message"; from: PeerId; sizeBytes: number }
  /** A message of a later version, which is skipped. */
  | { type: "unknown-message"; from: PeerId; sizeBytes: number }
  /** The link's buffer rose above the high water mark / fell below the low one. */
  | { type: "link-congested"; peer: PeerId }
  | { type: "link-drained"; peer: PeerId }
  /** Answer to a `verify` action. */
  | { type: "block-verified"; from: BlockSender; block: Block; isValid: boolean }
  /** The origin's join response: unverified blocks, oldest first. Where a viewer starts. */
  | { type: "join-received"; blocks: readonly Block[] }
  /** Answers to a `fetch` action: the chunk's unverified blocks, or nothing. */
  | { type: "chunk-fetched"; track: number; sequence: number; blocks: readonly Block[] }
  | { type: "fetch-failed"; track: number; sequence: number }
  /** Seeder only: blocks just signed by our own publisher. */
  | { type: "blocks-published"; blocks: readonly Block[] }
  /** Take part in these tracks only, by their place in the descriptor; they replace those before. */
  | { type: "tracks-chosen"; tracks: readonly number[] }
  /** Source time now on screen; deadlines follow from it. Undefined before the first frame. */
  | { type: "playback"; playheadSourceMs: number | undefined }
  /** Source clock minus local clock: source time now = `nowMs` + this. */
  | { type: "clock-adjusted"; sourceOffsetMs: number }
  /** A descriptor whose signature was checked; `signed` is what neighbors are sent. */
  | {
      type: "descriptor-updated";
      descriptor: StreamDescriptor;
      signed: { body: Uint8Array; signature: Uint8Array };
    }
  /** The tracker's signed word about ourselves, which neighbors want to see. Replaces the last. */
  | { type: "membership"; own: SignedPeerRecord }
  /** Answer to `verify-records`: those that are genuine, of this stream and not expired. */
  | { type: "records-verified"; from: PeerId; records: readonly SignedPeerRecord[] }
  /** Negotiation for a peer that is not connected, to go over a neighbor that is. */
  | { type: "signal-out"; via: PeerId; to: PeerId; body: Uint8Array }
  /** Other options than those we began with, until the next such event; what is read only at the start
   * stays (`windowMs`, `queueBytesMax`, `repairSlackMs`). */
  | { type: "tuned"; options: Partial<MeshOptions> }
  /** A neighbor asked for blocks older than the window, which somebody beside the engine keeps. */
  | { type: "serve-kept"; to: PeerId; blocks: readonly Block[] }
  /** A verified block older than the window came, for somebody beside the engine. */
  | { type: "kept-received"; from: BlockSender; sizeBytes: number }
  | { type: "tick" }
  /** Say goodbye to everybody. The last event. */
  | { type: "leave" };

/** A complete, verified chunk, handed to the sink once. */
export type MeshChunk = {
  track: number;
  sequence: number;
  initVersion: number;
  isIndependent: boolean;
  isDiscontinuity: boolean;
  sourceTimeMs: number;
  durationMs: number;
  /** One `moof` + `mdat`, put together when it is first asked for. */
  readonly bytes: Uint8Array;
};

/** What the driver must do, in order, before it feeds the next event. */
export type MeshAction =
  | { type: "send"; to: PeerId; message: PeerMessage }
  /** Open a link through the tracker or, where that is not possible, over the neighbor `via`; ends
   * in `neighbor-connected` or `connect-failed`. */
  | { type: "connect"; peer: PeerId; via?: PeerId }
  /** Close the link; no further event about this neighbor is expected. */
  | { type: "disconnect"; peer: PeerId; reason: ByeReason }
  /** Tell the tracker that a peer passes on what the publisher did not sign. Our word alone. */
  | { type: "report"; peer: PeerId }
  /** Check the signature; ends in `block-verified`. */
  | { type: "verify"; from: BlockSender; block: Block }
  | { type: "deliver"; chunk: MeshChunk }
  /** Get a chunk's blocks, or only some of them, from the origin; ends in `chunk-fetched` or `fetch-failed`. The origin
   * holds a request for a chunk that is about to be made. */
  | { type: "fetch"; track: number; sequence: number; indexes?: readonly number[] }
  /** Get the origin's join response again; ends in `join-received` if there is one. */
  | { type: "join" }
  /** Ask the tracker for more peers; ends in `peers-introduced`. */
  | { type: "find-peers"; want: number }
  /** A neighbor sent a newer descriptor; ends in `descriptor-updated` if it is genuine. */
  | { type: "verify-descriptor"; from: PeerId; body: Uint8Array; signature: Uint8Array }
  /** Check these against the tracker's key, stream and time; ends in `records-verified`, unless
   * the key is not known. */
  | { type: "verify-records"; from: PeerId; records: readonly SignedPeerRecord[] }
  /** Negotiation from a peer that is not connected came over the neighbor `via`. Nothing of it is
   * checked yet. */
  | { type: "receive-signal"; via: PeerId; from: SignedPeerRecord; body: Uint8Array };
