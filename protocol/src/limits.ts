/**
 * Bounds on everything a stranger can put on the wire, in one place. Each says what it protects
 * from. Byte layouts: docs/protocol.md.
 */
export const WIRE_LIMITS = {
  /** One data-channel message. Browsers interoperate safely up to 16 KiB (RFC 8831, section 6.6). */
  messageBytes: 16 * 1024,
  /** Blocks of one chunk: 16 MB, a key frame of any sane encoder; bounds reassembly memory. */
  blocksPerChunk: 1024,
  /** Tracks of one stream: bounds per-track state in every peer. */
  tracks: 8,
  /** Stripes of one track: bounds subscriptions per neighbor. */
  stripes: 16,
  /** Chunks named in one `have`: bounds the work one message causes. */
  haveChunks: 128,
  /** Blocks asked for in one `request`. */
  requestBlocks: 64,
  /** Peers named in one `refuse`. */
  alternatives: 8,
  /** Runs named in one `kept`: bounds what is remembered of a neighbor. */
  keptRuns: 32,
  /** Peers named in one `peers`: bounds the signatures one answer makes its receiver check. */
  exchangePeers: 8,
  /** What one `signal` carries, in bytes: an offer or answer, with room in its message for the
   * names of both ends. */
  signalBytes: 15 * 1024,
  /** Hops of a stripe from the seeder: far beyond the depth of any healthy tree. */
  routeHops: 32,
  /** The signed descriptor, init segments included: it has to fit one message. */
  descriptorBytes: 15 * 1024,
  /** Longest chunk a header can state, in ms: keeps deadlines within reach of arithmetic. */
  chunkMs: 10_000,
} as const;
