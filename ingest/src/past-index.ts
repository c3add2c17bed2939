import { type OriginPast, type SignedDescriptor, startVideo } from "#protocol";
import type { ChunkMeta } from "./dvr/dvr-store.ts";
import type { Publisher } from "./publisher.ts";

export type PastIndexParts = {
  publisher: Publisher;
  /** Sequence of the oldest chunk of a track that can still be had. */
  oldestSequence(track: number): number | undefined;
  /** A chunk without its bytes, while it can be had. */
  meta(track: number, sequence: number): ChunkMeta | undefined;
};

/** Chunks looked at for the key frame before a time: 100 s of 200 ms chunks. Bounds what a request
 * costs where an encoder makes no key frames. */
const KEY_FRAME_WITHIN = 500;

/** Finds chunks of the past by time. Sequence numbers and times of a track only rise, so halving finds them. */
export class PastIndex {
  readonly #parts: PastIndexParts;

  constructor(parts: PastIndexParts) {
    this.#parts = parts;
  }

  /**
   * @param video Id of the rendition of the picture, `none` for sound alone; else the one that newcomers
   * begin with.
   * @returns Undefined while there is nothing at all. What is older than the oldest begins there.
   */
  find(sourceTimeMs: number, video?: string): OriginPast | undefined {
    const { descriptor } = this.#parts.publisher;
    const lead = this.#leadTrack(video);
    const oldest = this.#meta(lead, this.#parts.oldestSequence(lead));
    const start = this.#keyFrameBefore(lead, sourceTimeMs);
    if (oldest === undefined || start === undefined) return undefined;
    const found = descriptor.tracks.flatMap(({ id }, index) => {
      // Renditions are cut at the same frames; the sound that plays there began a little before.
      const chunk = this.#lastAt(index, start.mediaTimeMs + 1, "mediaTimeMs");
      return chunk === undefined ? [] : [{ id, index, chunk }];
    });
    return {
      sourceTimeMs: start.sourceTimeMs,
      tracks: found.map(({ id, chunk }) => ({ id, sequence: chunk.sequence })),
      oldestSourceTimeMs: oldest.sourceTimeMs,
      descriptors: this.#descriptorsFor(found),
    };
  }

  #leadTrack(video: string | undefined): number {
    const { descriptor } = this.#parts.publisher;
    const { tracks } = descriptor;
    const wanted = tracks.findIndex(({ id, kind }) => kind === "video" && id === video);
    if (wanted >= 0) return wanted;
    const start = video === "none" ? undefined : startVideo(descriptor)?.id;
    const kind = start === undefined ? "audio" : "video";
    return tracks.findIndex((track) => track.kind === kind && (start ?? track.id) === track.id);
  }

  #keyFrameBefore(track: number, sourceTimeMs: number): ChunkMeta | undefined {
    const oldest = this.#parts.oldestSequence(track);
    if (oldest === undefined) return undefined;
    const at = this.#lastAt(track, sourceTimeMs, "sourceTimeMs")?.sequence ?? oldest;
    for (let sequence = at; sequence > at - KEY_FRAME_WITHIN; sequence--) {
      const chunk = this.#meta(track, sequence);
      if (chunk === undefined) break;
      if (chunk.isIndependent) return chunk;
    }
    // Before the first key frame that is still here.
    for (let sequence = oldest; sequence < oldest + KEY_FRAME_WITHIN; sequence++) {
      const chunk = this.#meta(track, sequence);
      if (chunk === undefined || chunk.isIndependent) return chunk;
    }
    return undefined;
  }

  /** The last chunk that begins at or before a time. */
  #lastAt(
    track: number,
    timeMs: number,
    clock: "sourceTimeMs" | "mediaTimeMs",
  ): ChunkMeta | undefined {
    let low = this.#parts.oldestSequence(track) ?? 0;
    let high = this.#parts.publisher.window.newest(track)?.sequence ?? -1;
    let found: ChunkMeta | undefined;
    while (low <= high) {
      const middle = low + Math.floor((high - low) / 2);
      const chunk = this.#meta(track, middle);
      // Being pruned from the start on: what is not here any more was before it.
      if (chunk === undefined || chunk[clock] <= timeMs) {
        found = chunk ?? found;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return found;
  }

  #descriptorsFor(found: readonly { index: number; chunk: ChunkMeta }[]): SignedDescriptor[] {
    const { publisher } = this.#parts;
    const wanted = found.flatMap(({ index, chunk }) => {
      const current = publisher.descriptor.tracks[index]?.initVersion;
      if (chunk.initVersion === current) return [];
      return publisher.signedWith(index, chunk.initVersion) ?? [];
    });
    return [...new Set(wanted)];
  }

  #meta(track: number, sequence: number | undefined): ChunkMeta | undefined {
    return sequence === undefined ? undefined : this.#parts.meta(track, sequence);
  }
}
