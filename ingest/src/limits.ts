/** Bounds on what one published stream keeps and serves, in one place. */
export type IngestLimits = {
  /** Media time of chunks kept for the origin, in ms. Default 45,000: more than three windows of the
   * mesh, so that who falls out of it still finds its chunks here; and what HLS has to keep: the
   * 18 s that are listed, and as much again. */
  windowMs: number;
  /** Bytes of blocks kept for the origin, whatever their time. Default 128 MiB: 45 s at 23 Mbit/s;
   * protects memory from an encoder without rate control. */
  windowBytes: number;
  /** Init segments kept per track: an encoder that changes its parameters all the time must not
   * fill memory. Default 8. */
  initVersions: number;
  /** HTTP requests waiting for chunks to come. Default 5000: a flash crowd without WebRTC. */
  heldRequests: number;
  /** How far beyond the live edge a request may be held, in ms of media. Default 3000 (contract). */
  heldAheadMs: number;
  /** How long a request is held at most, in ms. Default 6000: twice the above. */
  heldMs: number;
  /** How long a request for a playlist waits for what is to come, in ms. Default 18,000: three target
   * durations (RFC 8216bis, 6.2.5.2). */
  reloadMs: number;
};

export const DEFAULT_INGEST_LIMITS: IngestLimits = {
  windowMs: 45_000,
  windowBytes: 128 * 1024 * 1024,
  initVersions: 8,
  heldRequests: 5000,
  heldAheadMs: 3000,
  heldMs: 6000,
  reloadMs: 18_000,
};
