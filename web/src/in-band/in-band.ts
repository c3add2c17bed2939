import { MediaError } from "#media";
import type { StreamDescriptor } from "#protocol";
import type { AppendedChunk } from "../sink/track-feed.ts";
import { type CaptionedCodec, captionedCodec } from "./captioned-codec.ts";
import type { Captions } from "./captions.ts";
import { EventQueue, type TimedMetadata } from "./event-queue.ts";

/** Chunks kept while the reader of captions is being loaded: 10 s. */
const WAITING_MAX = 50;

/**
 * What comes in the media beside pictures and sound. Captions are read here and not at ingest: they
 * are signed with the pictures they lie in, HLS players and recordings find them where they are used
 * to, and the reader is loaded only for streams that announce some.
 */
export class InBand {
  readonly #video: HTMLVideoElement;
  readonly #load: (video: HTMLVideoElement) => Promise<Captions>;
  /** By track. */
  #captioned: ReadonlyMap<string, CaptionedCodec> = new Map();
  readonly #events = new EventQueue();
  #captions: Captions | undefined;
  #isLoading = false;
  #waiting: { appended: AppendedChunk; codec: CaptionedCodec }[] = [];

  constructor(video: HTMLVideoElement, load = loadCaptions) {
    this.#video = video;
    this.#load = load;
  }

  describe({ tracks }: Pick<StreamDescriptor, "tracks">): void {
    this.#captioned = new Map(
      tracks.flatMap(({ id, codec, captions = [] }) => {
        const known = captions.length > 0 ? captionedCodec(codec) : undefined;
        return known === undefined ? [] : [[id, known]];
      }),
    );
  }

  /** In the order of each track. */
  push(trackId: string, appended: AppendedChunk): void {
    this.#readEvents(appended);
    const codec = this.#captioned.get(trackId);
    if (codec === undefined) return;
    if (this.#captions !== undefined) return this.#captions.push(appended, codec);
    this.#waiting.push({ appended, codec });
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
    if (!this.#isLoading) void this.#begin();
  }

  /** What happens at the playhead or has happened since the last time. */
  takeEvents(playheadMs: number): TimedMetadata[] {
    return this.#events.take(playheadMs);
  }

  /** Media time begins anew. */
  clear(): void {
    this.#waiting = [];
    this.#captions?.clear();
  }

  #readEvents({ chunk }: AppendedChunk): void {
    try {
      this.#events.push(chunk.bytes);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
    }
  }

  async #begin(): Promise<void> {
    this.#isLoading = true;
    try {
      this.#captions = await this.#load(this.#video);
      for (const { appended, codec } of this.#waiting.splice(0)) {
        this.#captions.push(appended, codec);
      }
    } catch {
      // Without its reader there are no captions, as before it came. The next chunk tries again.
      this.#isLoading = false;
    }
  }
}

async function loadCaptions(video: HTMLVideoElement): Promise<Captions> {
  const { Captions } = await import("./captions.ts");
  return new Captions(video);
}
