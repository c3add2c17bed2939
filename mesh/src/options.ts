/** What can be tuned in the engine. docs/tuning.md lists the same; a test keeps both together. */
export type MeshOptions = {
  /** Neighbors a viewer keeps trying to have. Default 8: `max(8, 1.5·ln n)` (Zhao, Lin, Wu). */
  degreeTarget: number;
  /** Neighbors beyond which incoming links are refused. Default 14: browser cost per connection. */
  degreeHigh: number;
  /** The same for the seeder, which must be reachable for newcomers. Default 250. */
  seederDegreeHigh: number;
  /** What this peer uploads at most, in bit/s. Default 10 Mbit/s: a guess at a home uplink. */
  uploadLimitBps: number;
  /** Share of what the uplink carries that is promised to children. Default 0.5: a chunk's blocks come at
   * once, and an uplink in use for more than half of the time lets each wait for the one before (at
   * 0.7 the simulator's delay and repair grow by half). */
  pushShare: number;
  /** The same for those who find no parent otherwise. Default 0.9: late is better than nothing, and repair
   * needs the rest. */
  urgentShare: number;
  /** Children of the seeder per stripe. Default 1: the source emits one copy. */
  seederCopies: number;
  /** Children of a viewer per stripe. Default 8: they are served one after another, and beyond this the
   * last wait longer than another level of the tree takes (limits A2: four useful ones are enough). A machine in a data center takes many more. */
  fanOut: number;
  /** How often holdings news goes out, in ms. Default 1000: every message costs a browser about as
   * much as a small block, and repair presumes what lags tell. */
  haveIntervalMs: number;
  /** The same where no trees carry the stream and claims are all there is to go by. Default 100: every
   * hop waits for half of it on average; below that messages cost more than it gains. */
  treelessHaveIntervalMs: number;
  /** Copies of each block that leave the seeder where no trees carry the stream. Default 3 (PeerStreamer
   * pushes each chunk to 3 peers). */
  treelessCopies: number;
  /** Requests of a pulling strategy under way to one neighbor. Default 4: a guess; more, and the order of
   * requests no longer matters. */
  pullsInFlight: number;
  /** Pause between two rounds of `latest-useful-push`, in ms. Default 25: two rounds per block of a
   * 2.5 Mbit/s stream. */
  pushPeriodMs: number;
  /** Blocks it pushes in a round at most. Default 4: a guess; the uplink's budget bounds them first. */
  pushRoundBlocks: number;
  /** How long after a chunk was heard of a block of it may still come by push before it is pulled, in ms.
   * Default 200: two intervals of news. */
  pushHopeMs: number;
  /** The newest blocks it chooses from. Default 75 (PeerStreamer's buffer). */
  pushBufferBlocks: number;
  /** A silent neighbor is asked for a sign of life, in ms. Default 1200: above `haveIntervalMs`. */
  pingAfterMs: number;
  /** A silent neighbor is dead, in ms. Default 2000: SCTP itself needs up to 8 s. */
  deadAfterMs: number;
  /** A `connect` not answered in this time has failed, in ms. Default 6000: ICE over a bad path. */
  connectTimeoutMs: number;
  /** How much source time of verified blocks is kept for others, in ms. Default 10,000. */
  windowMs: number;
  /** A block is late this long after its stripe's usual lag, in ms. Default 120 (limits E3). */
  repairSlackMs: number;
  /** A request may go unanswered this long before the next holder is asked, in ms. Default 400. */
  requestTimeoutMs: number;
  /** Before the deadline by this much, the origin is asked too, in ms. Default 350. */
  rescueAheadMs: number;
  /** What may be asked of the seeder to meet a deadline, as share of the stream's rate. Default
   * 0.5: bounded, so that a swarm without parents does not collapse onto it (limits, trap 1). */
  rescueShare: number;
  /** The same for the origin. Default 1.5: a viewer whom the mesh brings nothing still plays, as over
   * plain HTTP, and catches up. */
  originShare: number;
  /** Wait for a `subscribe` to be answered, in ms. Default 1000. */
  subscribeTimeoutMs: number;
  /** A parent whose stripe delivers nothing for this long beyond its rhythm is left, in ms.
   * Default 500. */
  parentSilenceMs: number;
  /** Bad blocks after which a neighbor is dropped. Default 3 (issue: "after the third"). */
  badBlocksMax: number;
  /** Bytes waiting for one neighbor before older pushes are dropped. Default 512 KiB. */
  queueBytesMax: number;
};

export const DEFAULT_MESH_OPTIONS: MeshOptions = {
  degreeTarget: 8,
  degreeHigh: 14,
  seederDegreeHigh: 250,
  uploadLimitBps: 10_000_000,
  pushShare: 0.5,
  urgentShare: 0.9,
  seederCopies: 1,
  fanOut: 8,
  haveIntervalMs: 1000,
  treelessHaveIntervalMs: 100,
  treelessCopies: 3,
  pullsInFlight: 4,
  pushPeriodMs: 25,
  pushRoundBlocks: 4,
  pushHopeMs: 200,
  pushBufferBlocks: 75,
  pingAfterMs: 1200,
  deadAfterMs: 2000,
  connectTimeoutMs: 6000,
  windowMs: 10_000,
  repairSlackMs: 120,
  requestTimeoutMs: 400,
  rescueAheadMs: 350,
  rescueShare: 0.5,
  originShare: 1.5,
  subscribeTimeoutMs: 1000,
  parentSilenceMs: 500,
  badBlocksMax: 3,
  queueBytesMax: 512 * 1024,
};
