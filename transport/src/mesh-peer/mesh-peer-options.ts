import type { MeshChunk, MeshEngineConfig, MeshOptions, Topology } from "#mesh";
import type { PeerId, Role, StreamDescriptor, StreamId } from "#protocol";
import type { Clock } from "../clock.ts";
import type { Crypto256 } from "../crypto/index.ts";
import type { LinkFactory } from "../link.ts";
import type { OriginClient, StreamOrigins } from "../origin/index.ts";
import type { Membership, TrackerClient, TrackerState } from "../tracker/index.ts";
import type { SignedBytes } from "./descriptor-keeper.ts";
import type { MeshEngineLike } from "./engine-driver.ts";

/** What the driver needs of a tracker client. */
export type MeshTracker = Pick<
  TrackerClient,
  "subscribe" | "start" | "relay" | "findPeers" | "clockOffsetMs" | "state"
> &
  Partial<Pick<TrackerClient, "membership" | "report">>;

/** What the driver needs of an origin client; one without `follow` stays where it is. */
export type MeshOrigin = Pick<OriginClient, "join" | "descriptor" | "chunkBlocks"> &
  Partial<Pick<StreamOrigins, "follow">>;

/** Which tracks of a stream a peer takes part in. */
export type TrackChoice = {
  /** Their places in the descriptor. Asked at each new one, and by {@link MeshPeer.chooseTracks}. */
  tracks(descriptor: StreamDescriptor): readonly number[];
  /** Id of the rendition of the picture to join with, `none` for sound alone; undefined while it is the origin's
   * choice. */
  readonly joinVideo: string | undefined;
};

export type MeshPeerState = {
  /**
   * - `starting`: nobody has said anything about the stream yet.
   * - `waiting-for-stream`: it is not known where we asked; we go on asking.
   * - `running`: there is a descriptor and an engine.
   * - `unsupported`: the stream needs a newer version of us; `problem` says what.
   * - `closed`: by `close`.
   */
  phase: "starting" | "waiting-for-stream" | "running" | "unsupported" | "closed";
  /** One line, in phase `unsupported`. */
  problem: string | undefined;
  tracker: TrackerState | "none";
  /** What became of the last request. */
  origin: "none" | "unknown" | "reachable" | "unreachable";
};

export type MeshPeerOptions = {
  streamId: StreamId;
  /** The one the tracker client announces. Default: a new one, for peers without a tracker. */
  peerId?: PeerId;
  /** Default `viewer`. */
  role?: Role;
  /** Without one, neighbors are found through other neighbors only. Started here, closed by its
   * owner. */
  tracker?: MeshTracker;
  /** What a tracker said earlier, for a peer that comes without one. */
  membership?: Membership;
  /** Without one, because there is no WebRTC, everything comes from the origin. Closed by its owner. */
  links?: LinkFactory;
  crypto: Crypto256;
  /** Without one, the mesh alone must do. Seeders need none. */
  origin?: MeshOrigin;
  clock?: Clock;
  /** Uniform in [0, 1). */
  random?: () => number;
  options?: Partial<MeshOptions>;
  /** Who is linked to whom, for streams with overlay `static`. */
  topology?: Topology;
  /** Default: all tracks there are, as seeders do. */
  choice?: TrackChoice;
  /** Complete, verified chunks, each once; in no particular order. */
  onChunk?: (chunk: MeshChunk) => void;
  /** The first descriptor and each newer one, verified; `signed` is what others can verify. */
  onDescriptor?: (descriptor: StreamDescriptor, signed: SignedBytes) => void;
  onState?: (state: MeshPeerState) => void;
  createEngine?: (config: MeshEngineConfig) => MeshEngineLike;
};
