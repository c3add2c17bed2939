/** Numbers of the HLS presentation that hold for all its playlists (RFC 8216bis, 6.2.4). In ms. */

/** EXT-X-TARGETDURATION: no segment is longer. The usual value; most encoders' groups of pictures
 * fit, so that segments can begin with key frames. */
export const TARGET_MS = 6000;
/** A key frame begins a new segment once the one before is this long. */
export const SEGMENT_MIN_MS = { video: 1000, audio: 2000 };
/** What a playlist lists at least, and how long parts are listed (6.2.2). */
export const LISTED_MIN_MS = 3 * TARGET_MS;
/** CAN-SKIP-UNTIL: at least six target durations (4.4.3.8). */
export const SKIP_UNTIL_MS = 6 * TARGET_MS;
/** Least PART-HOLD-BACK: three parts of 200 ms would be 600 ms, which no playlist over the
 * internet comes around in without stalls. A guess. */
const HOLD_BACK_MIN_MS = 1500;

/** How far behind the live edge players stay: three parts, as recommended (4.4.3.8). */
export function partHoldBackMs(chunkMs: number): number {
  return Math.max(HOLD_BACK_MIN_MS, 3.5 * chunkMs);
}

/**
 * PART-TARGET from the first chunks of a track. Parts must be no longer, and at least 85 % of it
 * but for independent ones and the last of a segment (4.4.4.9); chunks differ by a frame or so.
 */
export function partTargetMs(
  chunks: readonly { durationMs: number; isIndependent: boolean }[],
  chunkMs: number,
): number {
  const durations = chunks.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const usual = durations[durations.length >> 1] ?? chunkMs;
  const areAllIndependent = chunks.every(({ isIndependent }) => isIndependent);
  const targetMs = Math.round(1.1 * (areAllIndependent ? Math.max(usual, chunkMs) : usual));
  // PART-HOLD-BACK is the same for all tracks, and at least twice this.
  return Math.min(targetMs, partHoldBackMs(chunkMs) / 2);
}

export function isShortPart(
  part: { durationMs: number; isIndependent: boolean },
  targetMs: number,
): boolean {
  return !part.isIndependent && part.durationMs < 0.85 * targetMs;
}
