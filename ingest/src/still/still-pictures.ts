import { readDecodeTimeTicks } from "#media";
import { startVideo } from "#protocol";
import { chunkBytes } from "../chunk-window.ts";
import type { Publisher } from "../publisher.ts";
import { placeChunk } from "../record/track-file.ts";

/** How long a still picture is good enough for everybody, in ms. */
export const STILL_FRESH_MS = 10_000;

/** Makes a JPEG of a movie's first frame; undefined when it cannot now. */
export type DecodeFrame = (movie: Uint8Array) => Promise<Uint8Array | undefined>;

type Still = { bytes: Uint8Array; madeAtMs: number };

/** What one stream looks like, made when somebody asks and not more often than is worth it. */
export class StillPictures {
  readonly #publisher: Publisher;
  readonly #nowMs: () => number;
  #movie: Still | undefined;
  #picture: Still | undefined;
  #decoding: Promise<void> | undefined;

  constructor(publisher: Publisher, nowMs: () => number = () => performance.now()) {
    this.#publisher = publisher;
    this.#nowMs = nowMs;
  }

  /**
   * The newest key frame as an MP4 file of its own, which a browser shows without anything being
   * decoded here. The last there was while no encoder is there; undefined without video.
   */
  movie(): Uint8Array | undefined {
    if (!this.#isFresh(this.#movie)) {
      const bytes = keyFrameMovie(this.#publisher);
      if (bytes !== undefined) this.#movie = { bytes, madeAtMs: this.#nowMs() };
    }
    return this.#movie?.bytes;
  }

  /** The same as a picture, for what is no browser. One is made at a time, whoever asks. */
  async picture(decode: DecodeFrame): Promise<Uint8Array | undefined> {
    const movie = this.movie();
    if (!this.#isFresh(this.#picture) && movie !== undefined) {
      this.#decoding ??= this.#decode(decode, movie);
      await this.#decoding;
    }
    return this.#picture?.bytes;
  }

  async #decode(decode: DecodeFrame, movie: Uint8Array): Promise<void> {
    const bytes = await decode(movie);
    if (bytes !== undefined) this.#picture = { bytes, madeAtMs: this.#nowMs() };
    this.#decoding = undefined;
  }

  #isFresh(still: Still | undefined): boolean {
    return still !== undefined && this.#nowMs() - still.madeAtMs < STILL_FRESH_MS;
  }
}

function keyFrameMovie(publisher: Publisher): Uint8Array | undefined {
  const { descriptor, window } = publisher;
  const video = startVideo(descriptor);
  const index = descriptor.tracks.findIndex(({ id }) => id === video?.id);
  const chunk = window.chunks(index).findLast(({ isIndependent }) => isIndependent);
  const initVersion = chunk?.blocks[0]?.initVersion ?? -1;
  const init = publisher.track(video?.id ?? "")?.inits.get(initVersion);
  if (chunk === undefined || init === undefined) return undefined;
  const bytes = chunkBytes(chunk);
  // Browsers would wait for the hours before it.
  const minusTicks = readDecodeTimeTicks(bytes);
  return Buffer.concat([init, placeChunk(bytes, { trackId: 1, sequence: 1, minusTicks })]);
}
