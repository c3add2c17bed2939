/** Contiguous media, in ms of media time; the end is excluded. */
export type BufferedRange = { startMs: number; endMs: number };

/** Holes up to this long, in ms, are played over by every browser: rounding between tracks. */
const SEAMLESS_MS = 20;

/** A media element's `buffered`, with seamless ranges joined. */
export function bufferedRanges(ranges: TimeRanges): BufferedRange[] {
  const joined: BufferedRange[] = [];
  for (let i = 0; i < ranges.length; i++) {
    const startMs = ranges.start(i) * 1000;
    const endMs = ranges.end(i) * 1000;
    const last = joined.at(-1);
    if (last !== undefined && startMs - last.endMs <= SEAMLESS_MS) last.endMs = endMs;
    else joined.push({ startMs, endMs });
  }
  return joined;
}

/** Contiguous media from the playhead on, in ms. */
export function forwardBufferMs(ranges: readonly BufferedRange[], playheadMs: number): number {
  const range = rangeAt(ranges, playheadMs);
  return range === undefined ? 0 : range.endMs - playheadMs;
}

/** Where to go on when playback stands, or is about to stand, before a hole: the next range. */
export function afterHoleMs(
  ranges: readonly BufferedRange[],
  playheadMs: number,
): number | undefined {
  if (forwardBufferMs(ranges, playheadMs) > HOLE_AHEAD_MS) return undefined;
  return ranges.find(({ startMs }) => startMs > playheadMs + HOLE_AHEAD_MS)?.startMs;
}

/** A hole this near, in ms, is jumped over now: decoders stop a frame or two before the end. */
const HOLE_AHEAD_MS = 40;

/** What decides where playback begins, or is taken up again near live. */
export type StartConditions = {
  ranges: readonly BufferedRange[];
  /** Media time that lies the target latency behind live. */
  wantedMs: number;
  /** Media that has to be there beyond the start, in ms. */
  forwardBufferMinMs: number;
};

/**
 * Where to begin: as near to the wanted time as the newest contiguous media allows, or undefined
 * as long as there is too little of it.
 */
export function startPositionMs(conditions: StartConditions): number | undefined {
  const newest = conditions.ranges.at(-1);
  if (newest === undefined) return undefined;
  const latestMs = newest.endMs - conditions.forwardBufferMinMs;
  if (latestMs < newest.startMs) return undefined;
  return Math.min(Math.max(conditions.wantedMs, newest.startMs), latestMs);
}

function rangeAt(ranges: readonly BufferedRange[], playheadMs: number): BufferedRange | undefined {
  return ranges.find(
    ({ startMs, endMs }) => playheadMs >= startMs - SEAMLESS_MS && playheadMs < endMs,
  );
}
