import type { MediaEvent, MediaTrack } from "./media-chunk.ts";

/** What is kept of one group of pictures, in bytes: long ones at high rates begin at their next. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

type Muxer<T> = { push(event: MediaEvent): readonly T[] };

/**
 * A muxer that works only while somebody wants what it makes: what nobody reads costs copies of the
 * whole stream, and memory until they are collected. Meanwhile it keeps the chunks as they came,
 * from the last point of entry on, so that whoever comes begins there.
 */
export class IdleMuxer<T> {
  readonly #create: () => Muxer<T>;
  readonly #emit: (event: T) => void;
  #muxer: Muxer<T> | undefined;
  #tracks: MediaEvent | undefined;
  #kept: MediaEvent[] = [];
  #keptBytes = 0;

  constructor(create: () => Muxer<T>, emit: (event: T) => void) {
    this.#create = create;
    this.#emit = emit;
  }

  /** @throws What the muxer throws. */
  push(event: MediaEvent): void {
    this.#keep(event);
    for (const made of this.#muxer?.push(event) ?? []) this.#emit(made);
  }

  /** Somebody reads now, or nobody does any more. @throws What the muxer throws. */
  want(isWanted: boolean): void {
    this.#muxer = isWanted ? this.#create() : undefined;
    if (this.#tracks === undefined) return;
    for (const event of [this.#tracks, ...this.#kept]) {
      for (const made of this.#muxer?.push(event) ?? []) this.#emit(made);
    }
  }

  #keep(event: MediaEvent): void {
    if (event.type === "tracks") {
      this.#tracks = event;
      this.#forget();
      return;
    }
    const { chunk } = event;
    const isEntry = chunk.isIndependent && chunk.track.kind === this.#entryKind;
    if (isEntry || this.#keptBytes > KEPT_BYTES_MAX) this.#forget();
    if (!isEntry && this.#kept.length === 0) return;
    this.#kept.push(event);
    this.#keptBytes += chunk.bytes.length;
  }

  get #entryKind(): MediaTrack["kind"] {
    const tracks = this.#tracks?.type === "tracks" ? this.#tracks.tracks : [];
    return tracks.some(({ kind }) => kind === "video") ? "video" : "audio";
  }

  #forget(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }
}
