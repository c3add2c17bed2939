import type { TrackerId } from "../swarm.ts";

/** Names of everything a cluster keeps in Redis. */
export function clusterKeys(prefix: string) {
  return {
    /** What trackers share: {@link SharedKeys}. */
    keys: `${prefix}:keys`,
    /** Hash, stream id to stream: survives all trackers. */
    streams: `${prefix}:streams`,
    /** Sorted set of trackers by the wall clock of their last sign of life. */
    trackers: `${prefix}:trackers`,
    /** Stream of changes, each entry by one tracker and with its running number. */
    log: `${prefix}:log`,
    /** Hash of the members whose sockets are at one tracker. Ends with it. */
    members: (tracker: TrackerId) => `${prefix}:members:${tracker}`,
  };
}
export type ClusterKeys = ReturnType<typeof clusterKeys>;

export const CLUSTER_TIMES = {
  /** Changes are collected for this long before they are told, in ms, and as long before they are
   * read: a transaction costs as much as ten joins. */
  batchMs: 50,
  /** Pause between two signs of life, in ms. */
  beatMs: 1000,
  /** A tracker silent for this long is gone, in ms. Its peers come back to others within 5 s. */
  goneMs: 4000,
  /** Members in Redis outlive their tracker by this, in ms: for who reads them anew. */
  membersLifeMs: 60_000,
} as const;

/** Changes kept for trackers that read late: with batches of 50 ms, a quarter of an hour of one tracker. */
export const LOG_LENGTH = 20_000;
