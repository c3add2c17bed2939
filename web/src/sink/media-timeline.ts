/** Where one chunk sits on the two time lines. */
export type ChunkTime = {
  /** Presentation time of its first frame at the media element, in ms. */
  mediaTimeMs: number;
  /** When that frame was made, in ms of the source's clock. */
  sourceTimeMs: number;
  durationMs: number;
};

/** Chunks remembered: a minute of 200 ms chunks, more than is ever buffered. */
const CHUNKS_MAX = 300;
/** Two neighbors further apart in source than in media time by this much, in ms, have the
 * encoder's absence between them: nothing was on air there to interpolate over. */
const BREAK_MS = 500;

/**
 * Media time to source time and back. Chunks carry both; between their starts time runs evenly, so
 * that an encoder which sends in bursts does not make the latency jump.
 */
export class MediaTimeline {
  readonly #chunks: ChunkTime[] = [];

  /** Chunks come in media order; one that does not is ignored. */
  add(chunk: ChunkTime): void {
    const last = this.#chunks.at(-1);
    if (last !== undefined && chunk.mediaTimeMs <= last.mediaTimeMs) return;
    this.#chunks.push(chunk);
    if (this.#chunks.length > CHUNKS_MAX) this.#chunks.shift();
  }

  clear(): void {
    this.#chunks.length = 0;
  }

  /** Media time at which the newest chunk ends. */
  get edgeMs(): number | undefined {
    const last = this.#chunks.at(-1);
    return last === undefined ? undefined : last.mediaTimeMs + last.durationMs;
  }

  /** Undefined before the first chunk, and for times before the oldest one remembered. */
  sourceTimeMs(mediaTimeMs: number): number | undefined {
    const at = this.#chunks.findLastIndex((chunk) => chunk.mediaTimeMs <= mediaTimeMs);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return undefined;
    const sinceMs = mediaTimeMs - chunk.mediaTimeMs;
    return chunk.sourceTimeMs + sinceMs * pace(chunk, this.#chunks[at + 1]);
  }

  /** The inverse; source times outside what is known are counted on from its ends. */
  mediaTimeMs(sourceTimeMs: number): number | undefined {
    const found = this.#chunks.findLastIndex((chunk) => chunk.sourceTimeMs <= sourceTimeMs);
    const at = Math.max(0, found);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return undefined;
    const next = this.#chunks[at + 1];
    const mediaTimeMs = chunk.mediaTimeMs + (sourceTimeMs - chunk.sourceTimeMs) / pace(chunk, next);
    return next === undefined ? mediaTimeMs : Math.min(mediaTimeMs, next.mediaTimeMs);
  }
}

/** Source time that passes per media time within a chunk. */
function pace(chunk: ChunkTime, next: ChunkTime | undefined): number {
  if (next === undefined) return 1;
  const mediaMs = next.mediaTimeMs - chunk.mediaTimeMs;
  const sourceMs = next.sourceTimeMs - chunk.sourceTimeMs;
  if (sourceMs <= 0 || Math.abs(sourceMs - mediaMs) > BREAK_MS) return 1;
  return sourceMs / mediaMs;
}
