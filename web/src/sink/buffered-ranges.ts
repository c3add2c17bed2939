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

/** A hole this near, in ms, is jumped over now: decoders stop a frame or two before the end. */
const HOLE_AHEAD_MS = 40;
/** The same for playback that ran dry: decoders want several frames before they go on, and do not
 * show the last ones before a hole. Seen up to 380 ms before it. */
const DEAD_END_MS = 600;

/** A shorter range, in ms, has too little for a decoder to begin with: a seek into it never ends. */
const WORTHWHILE_MS = 120;

/**
 * Where to go on before a hole: the next range worth it.
 * @param isDry Playback has run out of media, as far as the decoder is concerned.
 */
export function afterHoleMs(
  ranges: readonly BufferedRange[],
  playheadMs: number,
  isDry: boolean,
): number | undefined {
  const leftMs = forwardBufferMs(ranges, playheadMs);
  if (leftMs > (isDry ? DEAD_END_MS : HOLE_AHEAD_MS)) return undefined;
  return ranges.find(
    ({ startMs, endMs }) => startMs > playheadMs + leftMs && endMs - startMs >= WORTHWHILE_MS,
  )?.startMs;
}

/** What decides where playback begins, or is taken up again near live. */
export type StartConditions = {
  ranges: readonly BufferedRange[];
  /** Media time that lies the target latency behind live. */
  wantedMs: number;
  /** Media that has to be there beyond the start, in ms. */
  minForwardMs: number;
  /** Media that should be there, in ms: rather later than wanted than with less. */
  goodForwardMs: number;
};

/**
 * Where to begin: at the wanted time, or before it if the media does not reach far enough beyond.
 * Undefined as long as there is too little of it.
 */
export function startPositionMs(conditions: StartConditions): number | undefined {
  const newest = conditions.ranges.at(-1);
  if (newest === undefined) return undefined;
  const { startMs, endMs } = newest;
  if (endMs - startMs < conditions.minForwardMs) return undefined;
  return Math.max(startMs, Math.min(conditions.wantedMs, endMs - conditions.goodForwardMs));
}

function rangeAt(ranges: readonly BufferedRange[], playheadMs: number): BufferedRange | undefined {
  return ranges.find(
    ({ startMs, endMs }) => playheadMs >= startMs - SEAMLESS_MS && playheadMs < endMs,
  );
}
