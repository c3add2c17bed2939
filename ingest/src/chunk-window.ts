import type { Block } from "#protocol";

/** A published chunk as the origin serves it. */
export type HeldChunk = {
  readonly track: number;
  readonly sequence: number;
  /** Init segment it needs. */
  readonly initVersion: number;
  readonly isIndependent: boolean;
  /** On the stream's own time line. */
  readonly mediaTimeMs: number;
  readonly durationMs: number;
  readonly sourceTimeMs: number;
  readonly blocks: readonly Block[];
};

/** The last chunks of all tracks, bounded in media time and in bytes. */
export class ChunkWindow {
  readonly #windowMs: number;
  readonly #windowBytes: number;
  /** Per track by sequence, oldest first. */
  readonly #tracks: Map<number, HeldChunk>[] = [];
  readonly #newest: (HeldChunk | undefined)[] = [];
  #onPruned: (chunk: HeldChunk) => void = () => {};
  #liveEdgeMs = 0;
  #sizeBytes = 0;

  constructor({ windowMs, windowBytes }: { windowMs: number; windowBytes: number }) {
    this.#windowMs = windowMs;
    this.#windowBytes = windowBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Media time up to which something exists. */
  get liveEdgeMs(): number {
    return this.#liveEdgeMs;
  }

  add(chunk: HeldChunk): void {
    this.#track(chunk.track).set(chunk.sequence, chunk);
    this.#newest[chunk.track] = chunk;
    this.#liveEdgeMs = Math.max(this.#liveEdgeMs, endMs(chunk));
    this.#sizeBytes += bytesOf(chunk);
    this.#prune();
  }

  /** Give chunks that are too old to whoever keeps them further, in order of each track. */
  handOldTo(keep: (chunk: HeldChunk) => void): void {
    this.#onPruned = keep;
  }

  get(track: number, sequence: number): HeldChunk | undefined {
    return this.#tracks[track]?.get(sequence);
  }

  newest(track: number): HeldChunk | undefined {
    return this.#newest[track];
  }

  oldest(track: number): HeldChunk | undefined {
    const [oldest] = this.#tracks[track]?.values() ?? [];
    return oldest;
  }

  /** Chunks of one track, oldest first. */
  chunks(track: number): HeldChunk[] {
    return [...(this.#tracks[track]?.values() ?? [])];
  }

  #prune(): void {
    for (;;) {
      const oldest = this.#oldest();
      if (oldest === undefined) return;
      const isOld = endMs(oldest) <= this.#liveEdgeMs - this.#windowMs;
      const isLast = oldest === this.#newest[oldest.track];
      if (!isOld && (this.#sizeBytes <= this.#windowBytes || isLast)) return;
      this.#tracks[oldest.track]?.delete(oldest.sequence);
      this.#sizeBytes -= bytesOf(oldest);
      this.#onPruned(oldest);
    }
  }

  #oldest(): HeldChunk | undefined {
    let oldest: HeldChunk | undefined;
    for (const track of this.#tracks) {
      const [first] = track.values();
      if (first !== undefined && (oldest === undefined || endMs(first) < endMs(oldest))) {
        oldest = first;
      }
    }
    return oldest;
  }

  #track(track: number): Map<number, HeldChunk> {
    for (let i = this.#tracks.length; i <= track; i++) this.#tracks.push(new Map());
    const chunks = this.#tracks[track];
    if (chunks === undefined) throw new Error("tracks up to this one were just made");
    return chunks;
  }
}

/** The chunk itself, from its blocks. */
export function chunkBytes({ blocks }: HeldChunk): Uint8Array {
  return Buffer.concat(blocks.map(({ payload }) => payload));
}

function endMs({ mediaTimeMs, durationMs }: HeldChunk): number {
  return mediaTimeMs + durationMs;
}

function bytesOf({ blocks }: HeldChunk): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
