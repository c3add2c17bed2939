import { isShortPart, LISTED_MIN_MS, partTargetMs, SEGMENT_MIN_MS, TARGET_MS } from "./timing.ts";

export type HlsInit = {
  readonly version: number;
  readonly bytes: Uint8Array;
  /** Names the bytes, so that the address can be cached for ever. */
  readonly name: string;
};

/** What HLS knows of a chunk. */
export type HlsPart = {
  readonly sequence: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  readonly isIndependent: boolean;
};

export type PlacedChunk = HlsPart & { readonly epoch: number; readonly init: HlsInit };

export type Segment = {
  readonly msn: number;
  readonly epoch: number;
  readonly init: HlsInit;
  readonly startMs: number;
  readonly programDateMs: number;
  readonly firstSequence: number;
  lastSequence: number;
  /** While the segment is open: of its parts. */
  durationMs: number;
  sizeBytes: number;
  /** Empty where it is listed without parts: too old, or too irregular for them. */
  parts: readonly HlsPart[];
  /** Its chunks are not as long as parts have to be. */
  readonly isIrregular: boolean;
};

export type SegmentListOptions = {
  kind: "video" | "audio";
  /** Nominal length of a chunk. */
  chunkMs: number;
  /** How far back segments are listed, in ms of media; at least three target durations are. */
  spanMs: number;
  programDateMs(mediaTimeMs: number): number;
};

/** Chunks from which the length of parts is learned; until then there is no playlist. */
const LEARN_CHUNKS = 5;
/** Start times that differ by less continue each other, in ms: durations are rounded. */
const ROUNDING_MS = 50;

/** Segments and parts of one track: what its playlist is written from. Pure. */
export class SegmentList {
  readonly #options: SegmentListOptions;
  #learning: PlacedChunk[] = [];
  #partTargetMs: number | undefined;
  /** Complete ones, oldest first. */
  readonly #segments: Segment[] = [];
  #open: Segment | undefined;
  #nextMsn: number | undefined;
  /** Epoch of the last segment that was removed. */
  #removedEpoch: number | undefined;
  #hasEnded = false;

  constructor(options: SegmentListOptions) {
    this.#options = options;
  }

  /** Undefined until enough came for a playlist. */
  get partTargetMs(): number | undefined {
    return this.#partTargetMs;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The one that grows, if it is listed: by its parts. */
  get open(): Segment | undefined {
    return this.#open?.isIrregular === false ? this.#open : undefined;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Epoch before the first listed segment: the value of EXT-X-DISCONTINUITY-SEQUENCE. */
  get epochBefore(): number {
    return this.#removedEpoch ?? this.#first?.epoch ?? 0;
  }

  get firstMsn(): number {
    return this.#first?.msn ?? 0;
  }

  /** Media sequence number and part index of the newest there is; parts are not always listed. */
  get newest(): { msn: number; part: number | undefined } {
    const last = this.open ?? this.#segments.at(-1);
    const count = last?.parts.length ?? 0;
    return { msn: last?.msn ?? 0, part: count === 0 ? undefined : count - 1 };
  }

  /** Whether the playlist has this part (or segment, without `part`) or something newer. */
  has(msn: number, part: number | undefined): boolean {
    const open = this.#open;
    if (msn === open?.msn) return part !== undefined && part < open.parts.length;
    if (msn >= (open?.msn ?? this.#nextMsn ?? 0)) return false;
    const last = this.#segments.at(-1);
    const isBeyondLast =
      part !== undefined && msn === last?.msn && part >= Math.max(1, last.parts.length);
    // It means the first part of the next segment (RFC 8216bis, 6.2.5.2).
    return isBeyondLast ? open !== undefined && open.parts.length > 0 : true;
  }

  /** Sequence of the chunk that probably is the next part. */
  get nextSequence(): number | undefined {
    return this.#open?.isIrregular === false ? this.#open.lastSequence + 1 : undefined;
  }

  find(firstSequence: number, lastSequence: number): Segment | undefined {
    return this.#segments.find(
      (segment) => segment.firstSequence === firstSequence && segment.lastSequence === lastSequence,
    );
  }

  /** In order. */
  add(chunk: PlacedChunk): void {
    // A frame that stands for longer than any segment may last cannot be listed.
    if (this.#hasEnded || Math.round(chunk.durationMs / 1000) * 1000 > TARGET_MS) return;
    if (this.#partTargetMs !== undefined) return this.#place(chunk, this.#partTargetMs);
    this.#learning.push(chunk);
    if (this.#learning.length >= LEARN_CHUNKS) this.#learn();
  }

  /** Nothing comes any more. */
  end(): void {
    if (this.#hasEnded) return;
    if (this.#partTargetMs === undefined && this.#learning.length > 0) this.#learn();
    this.#close();
    this.#hasEnded = true;
  }

  /** What begins before this chunk can no longer be had. */
  dropBefore(sequence: number): void {
    while ((this.#segments[0]?.firstSequence ?? sequence) < sequence) this.#removeFirst();
  }

  #learn(): void {
    const targetMs = partTargetMs(this.#learning, this.#options.chunkMs);
    this.#partTargetMs = targetMs;
    for (const chunk of this.#learning) this.#place(chunk, targetMs);
    this.#learning = [];
  }

  #place(chunk: PlacedChunk, targetMs: number): void {
    const isTooLong = chunk.durationMs > targetMs;
    const end = this.#open && this.#endBefore(chunk, this.#open, targetMs);
    if (end !== undefined) this.#close(chunk);
    // What is irregular once may be so all the time: parts are given up until the next key frame.
    this.#open ??= this.#begin(chunk, isTooLong || (end === "irregular" && !chunk.isIndependent));
    this.#open.lastSequence = chunk.sequence;
    this.#open.durationMs += chunk.durationMs;
    this.#open.sizeBytes += chunk.sizeBytes;
    if (!this.#open.isIrregular) this.#open.parts = [...this.#open.parts, chunk];
    this.#trim(chunk.startMs + chunk.durationMs);
  }

  /** Whether and how the open segment ends. */
  #endBefore(chunk: PlacedChunk, open: Segment, targetMs: number): "cut" | "irregular" | undefined {
    if (chunk.epoch !== open.epoch || chunk.init !== open.init) return "cut";
    if (chunk.sequence !== open.lastSequence + 1) return "cut";
    const isLongEnough = open.durationMs >= SEGMENT_MIN_MS[this.#options.kind];
    if (chunk.isIndependent && isLongEnough) return "cut";
    if (open.durationMs + chunk.durationMs > TARGET_MS) return "cut";
    if (open.isIrregular) return undefined;
    // Only the last part of a segment may be short (RFC 8216bis, 4.4.4.9).
    const last = open.parts.at(-1);
    const isShort = last !== undefined && isShortPart(last, targetMs);
    return isShort || chunk.durationMs > targetMs ? "irregular" : undefined;
  }

  #begin(chunk: PlacedChunk, isIrregular: boolean): Segment {
    // Sequences never repeat, not even after a restart, and there are no more segments than
    // chunks: numbers from there on never fall (RFC 8216bis, 6.2.2).
    this.#nextMsn ??= chunk.sequence;
    return {
      msn: this.#nextMsn++,
      epoch: chunk.epoch,
      init: chunk.init,
      startMs: chunk.startMs,
      programDateMs: this.#options.programDateMs(chunk.startMs),
      firstSequence: chunk.sequence,
      lastSequence: chunk.sequence,
      durationMs: 0,
      sizeBytes: 0,
      parts: [],
      isIrregular,
    };
  }

  #close(next?: PlacedChunk): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    // Exact where the next one tells; the durations of chunks are rounded.
    const untilNextMs = (next?.startMs ?? Number.NaN) - open.startMs;
    if (Math.abs(untilNextMs - open.durationMs) < ROUNDING_MS) open.durationMs = untilNextMs;
    this.#segments.push(open);
  }

  #trim(edgeMs: number): void {
    let listedMs = this.#segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
    for (;;) {
      const first = this.#segments[0];
      if (first === undefined || first.startMs >= edgeMs - this.#options.spanMs) break;
      listedMs -= first.durationMs;
      if (listedMs < LISTED_MIN_MS + ROUNDING_MS) break;
      this.#removeFirst();
    }
    for (const segment of this.#segments) {
      if (segment.startMs + segment.durationMs >= edgeMs - LISTED_MIN_MS) break;
      segment.parts = [];
    }
  }

  get #first(): Segment | undefined {
    return this.#segments[0] ?? this.#open;
  }

  #removeFirst(): void {
    this.#removedEpoch = this.#segments.shift()?.epoch ?? this.#removedEpoch;
  }
}
