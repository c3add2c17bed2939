import { encodeBundle, type StreamDescriptor } from "#protocol";
import type { ChunkWindow, HeldChunk } from "./chunk-window.ts";
import type { Publisher } from "./publisher.ts";

/** Media that has to lie behind the chunk a newcomer starts at, in ms: enough to start playing. */
const START_MEDIA_MS = 400;

/** What a newcomer needs for its first frame. Made once per live edge: a crowd asks for the same. */
export class JoinResponse {
  readonly #publisher: Publisher;
  #made: { body: Uint8Array; signed: string; chunkCount: number } | undefined;

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /** A bundle: the signed descriptor as JSON, then blocks, oldest first. */
  get body(): Uint8Array {
    const { signed, counts } = this.#publisher;
    const isFresh = this.#made?.signed === signed.body && this.#made.chunkCount === counts.chunks;
    if (this.#made === undefined || !isFresh) {
      this.#made = { body: this.#make(), signed: signed.body, chunkCount: counts.chunks };
    }
    return this.#made.body;
  }

  #make(): Uint8Array {
    const { descriptor, signed, window } = this.#publisher;
    const chunks = descriptor.isLive ? chunksToJoinWith(window, descriptor) : [];
    return encodeBundle([
      new TextEncoder().encode(JSON.stringify(signed)),
      ...chunks.flatMap(({ blocks }) => blocks.map(({ bytes }) => bytes)),
    ]);
  }
}

/**
 * From the newest independent chunk with enough media behind it up to the live edge: of the video
 * track, or of audio where there is no video; and everything of the other tracks in that time.
 */
export function chunksToJoinWith(window: ChunkWindow, descriptor: StreamDescriptor): HeldChunk[] {
  const lead = Math.max(
    0,
    descriptor.tracks.findIndex(({ kind }) => kind === "video"),
  );
  const start = startChunk(window.chunks(lead));
  if (start === undefined) return [];
  return descriptor.tracks
    .flatMap((_, track) => window.chunks(track))
    .filter((chunk) =>
      chunk.track === lead
        ? chunk.mediaTimeMs >= start.mediaTimeMs
        : // The one that is playing when the picture starts belongs to it.
          chunk.mediaTimeMs + chunk.durationMs > start.mediaTimeMs,
    )
    .sort((a, b) => a.mediaTimeMs - b.mediaTimeMs || a.track - b.track);
}

function startChunk(chunks: readonly HeldChunk[]): HeldChunk | undefined {
  let behindMs = 0;
  let candidate: HeldChunk | undefined;
  for (const chunk of chunks.toReversed()) {
    behindMs += chunk.durationMs;
    if (!chunk.isIndependent) continue;
    candidate = chunk;
    if (behindMs >= START_MEDIA_MS) return chunk;
  }
  return candidate;
}
