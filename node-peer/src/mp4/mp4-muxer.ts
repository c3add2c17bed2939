import { Interleaver } from "../restream/interleaver.ts";
import type { MediaChunk, MediaEvent, MediaTrack } from "../restream/media-chunk.ts";
import type { Piece } from "../restream/piece.ts";
import { mergeInits } from "./merged-init.ts";
import { placeChunk } from "./place-chunk.ts";

/** A track that stays away is not waited for longer than this, in ms of media. */
const PATIENCE_MS = 1000;
const LANES = { video: 0, audio: 1 };

export type Mp4Event =
  /** What a file begins with. Whatever was begun before is over. */
  { type: "header"; bytes: Uint8Array } | { type: "piece"; piece: Piece };

/** Writes all tracks into one fragmented MP4: the chunks as they are, renumbered and interleaved. */
export class Mp4Muxer {
  #chunks = new Interleaver<MediaChunk>(2, PATIENCE_MS);
  #tracks: readonly MediaTrack[] = [];
  #sequence = 0;

  /** @throws {MediaError} When init segment or chunk cannot be written; the next one may. */
  push(event: MediaEvent): Mp4Event[] {
    if (event.type === "tracks") return this.#begin(event.tracks);
    const { chunk } = event;
    const { startMs, endMs } = chunk;
    const lane = LANES[chunk.track.kind];
    return this.#pieces(this.#chunks.push(lane, { startMs, endMs, item: chunk }));
  }

  #begin(tracks: readonly MediaTrack[]): Mp4Event[] {
    const before = this.#tracks;
    const isLikeBefore = (isLike: (a: MediaTrack, b: MediaTrack) => boolean) =>
      tracks.length === before.length && tracks.every((a, i) => isLike(a, before[i] ?? a));
    if (isLikeBefore((a, b) => a === b)) return [];
    const rest = this.#pieces(this.#chunks.flush());
    this.#tracks = tracks;
    this.#chunks.expect(tracks.map(({ kind }) => LANES[kind]));
    // A publisher that began anew mostly goes on with the same: then the file does, too.
    if (isLikeBefore((a, b) => Buffer.compare(a.init, b.init) === 0)) return rest;
    return [...rest, { type: "header", bytes: mergeInits(tracks) }];
  }

  #pieces(chunks: readonly MediaChunk[]): Mp4Event[] {
    return chunks.flatMap((chunk) => {
      const trackId = this.#tracks.indexOf(chunk.track) + 1;
      // Of a track that has changed since: there is no place for it any more.
      if (trackId === 0) return [];
      const bytes = placeChunk(chunk, trackId, ++this.#sequence);
      const { isIndependent, startMs, track } = chunk;
      const hasVideo = this.#tracks.some(({ kind }) => kind === "video");
      const isEntry = isIndependent && (track.kind === "video" || !hasVideo);
      return [{ type: "piece", piece: { bytes, isEntry, startMs } }];
    });
  }
}
