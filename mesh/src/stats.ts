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
  /** What the uplink is believed to carry, and what of it children were promised, in bit/s. */
  uplink: { budgetBps: number; promisedBps: number };
  /** How each stripe comes, tracks in order. */
  stripes: StripeStats[];
  neighbors: NeighborStats[];
};

export type StripeStats = {
  /** Who pushes it to us; undefined for an orphan. */
  parent: PeerId | undefined;
  /** Usual lag behind the source time, in ms; undefined before the first block. */
  lagMs: number | undefined;
  children: number;
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
