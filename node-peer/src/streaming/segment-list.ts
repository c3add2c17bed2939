import type { Piece } from "../restream/piece.ts";
import type { PieceSink } from "../restream/piece-stream.ts";

export type TsSegment = { sequence: number; durationMs: number; bytes: Uint8Array };

/** Segments kept; players begin three before the end (RFC 8216, section 6.3.3). */
const SEGMENTS_MAX = 8;
/** What they may hold together, in bytes. */
const BYTES_MAX = 64 * 1024 * 1024;
/** Entries closer together than this, in ms, do not make a segment each. */
const SEGMENT_MS_MIN = 1000;

/** The last segments of the transport stream, cut at points of entry, for HLS players. */
export class SegmentList implements PieceSink {
  #segments: TsSegment[] = [];
  #pieces: Piece[] = [];
  #openBytes = 0;
  #nextSequence = 0;

  begin(): void {
    this.#drop();
  }

  write(piece: Piece): void {
    if (piece.isEntry) this.#cut(piece.startMs);
    if (this.#pieces.length === 0 && !piece.isEntry) return;
    this.#pieces.push(piece);
    this.#openBytes += piece.bytes.length;
    if (this.#openBytes > BYTES_MAX) this.#drop();
  }

  end(): void {}

  /** Undefined once it is gone, and before it is there. */
  segment(sequence: number): TsSegment | undefined {
    return this.#segments.find((candidate) => candidate.sequence === sequence);
  }

  /** A live playlist (RFC 8216), or undefined while there is no segment. */
  get playlist(): string | undefined {
    const [first] = this.#segments;
    if (first === undefined) return undefined;
    const longestMs = Math.max(...this.#segments.map(({ durationMs }) => durationMs));
    return [
      "#EXTM3U",
      "#EXT-X-VERSION:3",
      `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longestMs / 1000))}`,
      `#EXT-X-MEDIA-SEQUENCE:${first.sequence}`,
      ...this.#segments.flatMap(({ sequence, durationMs }) => [
        `#EXTINF:${(durationMs / 1000).toFixed(3)},`,
        `segment-${sequence}.ts`,
      ]),
      "",
    ].join("\n");
  }

  #cut(endMs: number): void {
    const [first] = this.#pieces;
    if (first === undefined || endMs - first.startMs < SEGMENT_MS_MIN) return;
    this.#segments.push({
      sequence: this.#nextSequence++,
      durationMs: endMs - first.startMs,
      bytes: Buffer.concat(this.#pieces.map(({ bytes }) => bytes)),
    });
    this.#drop();
    const totalBytes = () => this.#segments.reduce((sum, { bytes }) => sum + bytes.length, 0);
    while (this.#segments.length > SEGMENTS_MAX || totalBytes() > BYTES_MAX) this.#segments.shift();
  }

  #drop(): void {
    this.#pieces = [];
    this.#openBytes = 0;
  }
}
