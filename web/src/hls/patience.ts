/** Before a chunk is on screen the player needs it by this much, in ms: its own timer, and appending. */
export const APPEND_AHEAD_MS = 250;
/** Wait for the first chunks of a stream, in ms: the join response is on its way to the mesh. */
const START_MS = 800;
/** The same before playback has begun, when nothing may hold up the first frame. */
const BEFORE_PLAYBACK_MS = 400;
/** The longest wait for the mesh in any case, in ms: below the time players give a request. */
const LONGEST_MS = 4000;

export type Wanted = {
  /** Of the chunk, as far as it can be told. */
  estimate: { sourceTimeMs: number; isPast: boolean } | undefined;
  /** Source time on screen now; undefined before playback and during pauses. */
  playheadSourceMs: number | undefined;
  isMeshRunning: boolean;
  /** Since the player asked. */
  waitedMs: number;
};

/** How much longer a player's request may wait for the mesh before the origin is asked, in ms. */
export function patienceMs(wanted: Wanted): number {
  const { estimate, playheadSourceMs, isMeshRunning, waitedMs } = wanted;
  if (!isMeshRunning || estimate === undefined) return Math.max(0, START_MS - waitedMs);
  if (estimate.isPast) return 0;
  if (playheadSourceMs === undefined) return Math.max(0, BEFORE_PLAYBACK_MS - waitedMs);
  const leftMs = estimate.sourceTimeMs - playheadSourceMs - APPEND_AHEAD_MS;
  return Math.max(0, Math.min(leftMs, LONGEST_MS - waitedMs));
}
