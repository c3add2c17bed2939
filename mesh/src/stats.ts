import type { PeerId, Role } from "#protocol";

/** Cumulative since the engine was made. Bytes are message bytes, without transport overhead. */
export type MeshStats = {
  bytes: {
    /** Verified, useful block bytes by sender. */
    fromPeers: number;
    fromSeeder: number;
    fromOrigin: number;
    /** Block bytes sent to neighbors. */
    uploaded: number;
    /** Block bytes that came a second time. */
    duplicate: number;
    /** Bytes of all messages that are not blocks, sent and received. */
    control: number;
  };
  blocks: {
    /** Verified and new. */
    received: number;
    /** Not decodable, unsigned, wrongly signed, replayed or unrequested. */
    rejected: number;
    /** Got by request or from the origin instead of by push. */
    repaired: number;
  };
  chunks: { delivered: number; missed: number };
  neighbors: NeighborStats[];
};

export type NeighborStats = {
  peer: PeerId;
  role: Role;
  isDialed: boolean;
  /** Undefined until the first pong. */
  rttMs: number | undefined;
  receivedBytes: number;
  sentBytes: number;
  badBlocks: number;
  /** Stripes it pushes to us / we push to it. */
  parentOf: number;
  childOf: number;
};
