import { readChunk, readDecodeTimeTicks, readTimescale } from "#media";
import type { MeshChunk } from "#mesh";
import { fromHex, type TrackDescriptor } from "#protocol";
import type { AppendQueue } from "./append-queue.ts";
import { ChunkQueue } from "./chunk-queue.ts";

/** What a track needs before its chunks can be decoded. */
type Init = { hex: string; bytes: Uint8Array; mimeType: string; timescale: number };

/** Init segments remembered, for chunks still under way when the encoder changed its parameters. */
const INITS_MAX = 4;
/** Chunks held back for an init segment or a longer run: 20 s, then the oldest are given up. */
const HELD_MAX = 100;
/** Media time that goes back by more than this, in ms, is not jitter but a new beginning. */
const BACKWARDS_MS = 1000;

/** A chunk on its way into the source buffer. */
export type AppendedChunk = {
  chunk: MeshChunk;
  /** Presentation time of its first frame, in ms. */
  mediaTimeMs: number;
  /** Ticks per second of the times inside it. */
  timescale: number;
};

export type TrackFeedOptions = {
  queue: Pick<AppendQueue, "append" | "changeType">;
  /** Type the source buffer was made with. */
  mimeType: string;
  onAppend(appended: AppendedChunk): void;
};

/** One track's way into its source buffer: in order, each chunk behind the init segment it needs. */
export class TrackFeed {
  readonly #options: TrackFeedOptions;
  readonly #chunks = new ChunkQueue();
  readonly #inits = new Map<number, Init>();
  #held: MeshChunk[] = [];
  #mimeType: string;
  #appendedInit: Init | undefined;
  #newest: AppendedChunk | undefined;
  /** Decoders hold frames back to put B-frames in order; the same for a whole stream. */
  #reorderTicks = 0;

  constructor(options: TrackFeedOptions) {
    this.#options = options;
    this.#mimeType = options.mimeType;
  }

  get skippedMs(): number {
    return this.#chunks.skippedMs;
  }

  /** Media taken in order, but held back, in ms. */
  get heldMs(): number {
    return this.#held.reduce((sum, { durationMs }) => sum + durationMs, 0);
  }

  /** @throws {MediaError} When the init segment cannot be read: the publisher is broken. */
  describe(track: TrackDescriptor): void {
    if (this.#inits.get(track.initVersion)?.hex === track.init) return;
    const bytes = fromHex(track.init);
    const timescale = readTimescale(bytes);
    const init = { hex: track.init, bytes, mimeType: mimeTypeOf(track), timescale };
    // Deleted first, so that the newest is the last one in line.
    this.#inits.delete(track.initVersion);
    this.#inits.set(track.initVersion, init);
    const oldest = this.#inits.keys().next();
    if (this.#inits.size > INITS_MAX && !oldest.done) this.#inits.delete(oldest.value);
  }

  push(chunk: MeshChunk): void {
    this.#chunks.push(chunk);
  }

  /** Type of the media that was appended last. */
  get mimeType(): string {
    return this.#mimeType;
  }

  /** Media time at which what was appended ends, in ms; undefined before the first chunk. */
  get endMs(): number | undefined {
    return this.#newest && this.#newest.mediaTimeMs + this.#newest.chunk.durationMs;
  }

  /**
   * Let what is in line begin at an independent chunk: the first at or after `fromMs`, or the last
   * before it while there is none.
   * @returns Where it begins, in ms, if that is at or after `fromMs`.
   * @throws {MediaError} When a chunk cannot be read: the publisher is broken.
   */
  beginAt(fromMs: number): number | undefined {
    let last = 0;
    for (const [place, chunk] of this.#held.entries()) {
      const init = this.#inits.get(chunk.initVersion);
      if (!chunk.isIndependent || init === undefined) continue;
      this.#reorderTicks = readChunk(chunk.bytes).samples[0]?.compositionOffsetTicks ?? 0;
      const startMs = this.#mediaTimeMs(chunk, init);
      last = place;
      if (startMs < fromMs) continue;
      this.#held = this.#held.slice(place);
      return startMs;
    }
    this.#held = this.#held.slice(last);
    return undefined;
  }

  /**
   * Put what is in order into line.
   * @param forwardBufferMs See {@link ChunkQueue.take}.
   */
  collect(nowMs: number, forwardBufferMs: number): void {
    this.#held.push(...this.#chunks.take(nowMs, forwardBufferMs));
    if (this.#held.length > HELD_MAX) this.#held = this.#held.slice(-HELD_MAX);
  }

  /**
   * Append everything in line whose init segment is known.
   * @throws {MediaError} When a chunk cannot be read: the publisher is broken.
   */
  flush(): void {
    while (this.#held[0] !== undefined) {
      const chunk = this.#held[0];
      const init = this.#inits.get(chunk.initVersion);
      if (init === undefined && !this.#isOutdated(chunk)) return;
      this.#held.shift();
      if (init !== undefined) this.#append(chunk, init);
    }
  }

  /**
   * Whether media time went backwards with this chunk: the publisher was started anew, and what it
   * makes now does not fit behind what was appended.
   */
  startsAnew(chunk: MeshChunk): boolean {
    const init = this.#inits.get(chunk.initVersion);
    if (init === undefined || this.#newest === undefined) return false;
    const { chunk: newest, mediaTimeMs } = this.#newest;
    if (chunk.sequence <= newest.sequence) return false;
    return this.#mediaTimeMs(chunk, init) < mediaTimeMs - BACKWARDS_MS;
  }

  #mediaTimeMs(chunk: MeshChunk, { timescale }: Init): number {
    return ((readDecodeTimeTicks(chunk.bytes) + this.#reorderTicks) / timescale) * 1000;
  }

  #append(chunk: MeshChunk, init: Init): void {
    if (init !== this.#appendedInit) {
      if (init.mimeType !== this.#mimeType) this.#options.queue.changeType(init.mimeType);
      this.#mimeType = init.mimeType;
      this.#appendedInit = init;
      this.#options.queue.append(init.bytes);
    }
    if (chunk.isIndependent) {
      this.#reorderTicks = readChunk(chunk.bytes).samples[0]?.compositionOffsetTicks ?? 0;
    }
    const mediaTimeMs = this.#mediaTimeMs(chunk, init);
    this.#newest = { chunk, mediaTimeMs, timescale: init.timescale };
    this.#options.queue.append(chunk.bytes);
    this.#options.onAppend(this.#newest);
  }

  /** Its init segment was replaced before we came to know it. */
  #isOutdated({ initVersion }: MeshChunk): boolean {
    return Math.max(...this.#inits.keys()) > initVersion;
  }
}

/** For `isTypeSupported` and `addSourceBuffer`. */
export function mimeTypeOf({ kind, codec }: Pick<TrackDescriptor, "kind" | "codec">): string {
  return `${kind}/mp4; codecs="${codec}"`;
}
