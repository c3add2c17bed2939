import { encodeBundle, type StreamDescriptor, startVideo, tracksWith } from "#protocol";
import type { ChunkWindow, HeldChunk } from "./chunk-window.ts";
import type { Publisher } from "./publisher.ts";

/** Media that has to lie behind the chunk a newcomer starts at, in ms: enough to start playing. */
const START_MEDIA_MS = 400;

type Made = { body: Uint8Array; signed: string; chunkCount: number };

/** What a newcomer needs for its first frame. Made once per live edge: a crowd asks for the same. */
export class JoinResponse {
  readonly #publisher: Publisher;
  /** By rendition of the picture. */
  readonly #made = new Map<string | undefined, Made>();

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /**
   * A bundle: the signed descriptor as JSON, then blocks, oldest first.
   * @param wanted Id of the rendition of the picture, or `none` for sound alone. What the stream does
   * not have is taken as not named: then it is the one newcomers begin with.
   */
  body(wanted: string | undefined): Uint8Array {
    const { signed, counts, descriptor } = this.#publisher;
    const isThere = descriptor.tracks.some(({ id, kind }) => kind === "video" && id === wanted);
    const video = isThere ? wanted : wanted === "none" ? undefined : startVideo(descriptor)?.id;
    const known = this.#made.get(video);
    if (known?.signed === signed.body && known.chunkCount === counts.chunks) return known.body;
    const body = this.#make(video);
    this.#made.set(video, { body, signed: signed.body, chunkCount: counts.chunks });
    return body;
  }

  #make(video: string | undefined): Uint8Array {
    const { descriptor, signed, window } = this.#publisher;
    const chunks = descriptor.isLive ? chunksToJoinWith(window, descriptor, video) : [];
    return encodeBundle([
      new TextEncoder().encode(JSON.stringify(signed)),
      ...chunks.flatMap(({ blocks }) => blocks.map(({ bytes }) => bytes)),
    ]);
  }
}

/**
 * From the newest independent chunk with enough media behind it up to the live edge: of one rendition
 * of the picture, or of the sound where there is none; and all sound of that time.
 * @param video Id of the rendition; undefined is sound alone.
 */
export function chunksToJoinWith(
  window: ChunkWindow,
  descriptor: StreamDescriptor,
  video: string | undefined,
): HeldChunk[] {
  const tracks = tracksWith(descriptor, video);
  const lead = tracks.find((track) => descriptor.tracks[track]?.id === video) ?? tracks[0] ?? 0;
  const start = startChunk(window.chunks(lead));
  if (start === undefined) return [];
  return tracks
    .flatMap((track) => window.chunks(track))
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
