/** What is known when playback stands. */
export type Standstill = {
  /** For how long, in ms. */
  standingMs: number;
  playheadMs: number;
  /** Contiguous media ahead, in ms. */
  forwardMs: number;
  /** The best position near live, if there is media for one. */
  liveMs: number | undefined;
};

/** Standing this long with media in reserve, in ms, is no waiting for media. */
const STUCK_AFTER_MS = 500;
const STUCK_BUFFER_MS = 500;
/** The least step that makes a media element start its decoders anew, in ms. */
const NUDGE_MS = 50;

/**
 * Where to seek when the element stands though it has media. Chromium does that now and then after
 * it ran dry on a busy machine: `readyState` stays at 2 with seconds of contiguous audio and video
 * ahead (seen once in about twenty tabs whose neighbors left). A seek, even a small one, wakes it.
 */
export function nudgePositionMs(stands: Standstill): number | undefined {
  const { standingMs, playheadMs, forwardMs, liveMs } = stands;
  if (standingMs < STUCK_AFTER_MS || forwardMs < STUCK_BUFFER_MS) return undefined;
  return Math.max(playheadMs + NUDGE_MS, liveMs ?? 0);
}
