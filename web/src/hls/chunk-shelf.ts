import type { MeshChunk } from "#mesh";

/** What an HLS player may ask for of what the mesh brought: newest first out of the window last. */
const SHELF_MS = 20_000;
/** Bounds what a stream of any rate can make us hold. */
const SHELF_BYTES_MAX = 48 * 1024 * 1024;

type Kept = Pick<MeshChunk, "track" | "sequence" | "sourceTimeMs" | "durationMs" | "bytes">;

/** Chunks that came and that a player may still ask for, by track and sequence. */
export class ChunkShelf {
  readonly #tracks = new Map<number, Map<number, Kept>>();
  #bytes = 0;

  add(chunk: Kept): void {
    const track = this.#tracks.get(chunk.track) ?? new Map<number, Kept>();
    this.#tracks.set(chunk.track, track);
    if (track.has(chunk.sequence)) return;
    track.set(chunk.sequence, chunk);
    this.#bytes += chunk.bytes.length;
    this.#trim(chunk.sourceTimeMs);
  }

  get(track: number, sequence: number): Kept | undefined {
    return this.#tracks.get(track)?.get(sequence);
  }

  /** Sequences from `first` to `last` that are not here. */
  missing(track: number, first: number, last: number): number[] {
    const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    return all.filter((sequence) => this.get(track, sequence) === undefined);
  }

  /**
   * When a chunk was made, counted from the nearest one that is here; undefined while none is.
   * `isPast`: everything here is newer, so the mesh is not about to bring it.
   */
  estimate(track: number, sequence: number): { sourceTimeMs: number; isPast: boolean } | undefined {
    const kept = [...(this.#tracks.get(track)?.values() ?? [])];
    const distance = (chunk: Kept) => Math.abs(chunk.sequence - sequence);
    const nearest = kept.reduce<Kept | undefined>(
      (best, chunk) => (best === undefined || distance(chunk) < distance(best) ? chunk : best),
      undefined,
    );
    if (nearest === undefined) return undefined;
    return {
      sourceTimeMs: nearest.sourceTimeMs + (sequence - nearest.sequence) * nearest.durationMs,
      isPast: kept.every((chunk) => chunk.sequence > sequence),
    };
  }

  #trim(newestMs: number): void {
    for (const track of this.#tracks.values()) {
      for (const [sequence, { sourceTimeMs, bytes }] of track) {
        const isOld = sourceTimeMs < newestMs - SHELF_MS;
        if (!isOld && this.#bytes <= SHELF_BYTES_MAX) continue;
        track.delete(sequence);
        this.#bytes -= bytes.length;
      }
    }
  }
}
