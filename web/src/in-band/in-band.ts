import { MediaError } from "#media";
import type { StreamDescriptor } from "#protocol";
import type { AppendedChunk } from "../sink/track-feed.ts";
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
  #captioned: ReadonlySet<string> = new Set();
  readonly #events = new EventQueue();
  #captions: Captions | undefined;
  #isLoading = false;
  #waiting: AppendedChunk[] = [];

  constructor(video: HTMLVideoElement, load = loadCaptions) {
    this.#video = video;
    this.#load = load;
  }

  describe({ tracks }: Pick<StreamDescriptor, "tracks">): void {
    const withCaptions = tracks.filter(({ captions = [] }) => captions.length > 0);
    this.#captioned = new Set(withCaptions.map(({ id }) => id));
  }

  /** In the order of each track. */
  push(trackId: string, appended: AppendedChunk): void {
    this.#readEvents(appended);
    if (!this.#captioned.has(trackId)) return;
    if (this.#captions !== undefined) return this.#captions.push(appended);
    this.#waiting.push(appended);
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
      for (const appended of this.#waiting.splice(0)) this.#captions.push(appended);
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
