import type { MeshChunk } from "#mesh";
import type { OriginPast, SignedDescriptor, StreamDescriptor, StreamId } from "#protocol";
import { type Crypto256, type MeshPeer, openDescriptor, type StreamOrigins } from "#transport";
import { PastSide } from "#transport/past";

/** Where to begin in the past, with descriptors that were checked. */
export type FoundPast = Omit<OriginPast, "descriptors"> & { descriptors: StreamDescriptor[] };

export type SessionPastParts = {
  peer: MeshPeer;
  origin: StreamOrigins;
  crypto: Crypto256;
  streamId: StreamId;
};

/** Verified blocks kept for others and for going back a little, in bytes: 100 s of 2.5 Mbit/s; less on
 * machines with little memory. A guess at what a tab may take. */
const KEEP_BYTES = 32 * 1024 * 1024;
const KEEP_BYTES_SMALL = 8 * 1024 * 1024;
const SMALL_MEMORY_GB = 2;
/** Descriptors of then: a track each. */
const ANSWER_MAX_BYTES = 512 * 1024;
const DESCRIPTORS_MAX = 8;

/** The past of one session's stream: where things are, and the chunks themselves. */
export class SessionPast {
  readonly #parts: SessionPastParts;
  #side: PastSide | undefined;

  constructor(parts: SessionPastParts) {
    this.#parts = parts;
    parts.peer.attachPast((lent) => {
      this.#side = new PastSide(lent, keepBytes());
      return this.#side;
    });
  }

  /** A verified chunk, from whoever has it; undefined when nobody does. */
  chunk(track: number, sequence: number): Promise<MeshChunk | undefined> {
    return this.#side?.chunk(track, sequence) ?? Promise.resolve(undefined);
  }

  /**
   * Where playback has to begin for this source time, in ms: at the key frame before it, or with the oldest there is.
   * @param video Id of the rendition of the picture, `none` for sound alone.
   * @returns Undefined when the origin cannot tell.
   */
  async find(
    sourceTimeMs: number,
    video: string,
    signal: AbortSignal,
  ): Promise<FoundPast | undefined> {
    const path = `past/${Math.max(0, Math.floor(sourceTimeMs))}?video=${video}`;
    const answer = await this.#parts.origin.bytes(path, ANSWER_MAX_BYTES, signal);
    const found = answer.ok ? readPast(answer.bytes) : undefined;
    if (found === undefined) return undefined;
    const descriptors = await Promise.all(
      found.descriptors.slice(0, DESCRIPTORS_MAX).map((signed) => this.#open(signed)),
    );
    return { ...found, descriptors: descriptors.filter((genuine) => genuine !== undefined) };
  }

  async #open(signed: SignedDescriptor): Promise<StreamDescriptor | undefined> {
    const { crypto, streamId } = this.#parts;
    // Whoever made it up, it is not what the publisher signed.
    return openDescriptor(crypto, streamId, signed).catch(() => undefined);
  }
}

function keepBytes(): number {
  const { deviceMemory = Number.POSITIVE_INFINITY } = navigator as { deviceMemory?: number };
  return deviceMemory <= SMALL_MEMORY_GB ? KEEP_BYTES_SMALL : KEEP_BYTES;
}

/** Undefined on anything else than an {@link OriginPast}. */
export function readPast(bytes: Uint8Array): OriginPast | undefined {
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes)) as Partial<OriginPast>;
    const { sourceTimeMs, oldestSourceTimeMs, tracks, descriptors = [] } = json;
    const isTimed = Number.isFinite(sourceTimeMs) && Number.isFinite(oldestSourceTimeMs);
    const isWhole = Array.isArray(tracks) && Array.isArray(descriptors) && isTimed;
    if (!isWhole || !tracks.every(({ sequence }) => Number.isSafeInteger(sequence)))
      return undefined;
    return json as OriginPast;
  } catch {
    return undefined;
  }
}
