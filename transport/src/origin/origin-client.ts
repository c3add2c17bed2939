import {
  type Block,
  DecodeError,
  decodeBlock,
  decodeBundle,
  type SignedDescriptor,
  signedDescriptorSchema,
  WIRE_LIMITS,
} from "#protocol";
import { type Clock, systemClock } from "../clock.ts";
import { type FetchFailure, type FetchLike, fetchBytes } from "./fetch-bytes.ts";

export type OriginClientOptions = {
  /** Of one stream's origin, like `https://example.org/streams/<stream id>`. */
  baseUrl: string;
  /** Longest wait for an answer, in ms. Default 8000: the origin itself holds requests for chunks
   * that are about to be made for up to 3 s. */
  timeoutMs?: number;
  /** What lets us in, where the origin asks for it. In the query, for a header of our own would
   * make browsers ask each origin for permission first. */
  token?: string | (() => string | undefined) | undefined;
  clock?: Clock;
  fetch?: FetchLike;
};

/** What a newcomer needs for its first frame. Nothing of it is verified. */
export type OriginJoin = { ok: true; descriptor: SignedDescriptor; blocks: Block[] };
export type OriginBlocks = { ok: true; blocks: Block[] };
export type OriginDescriptor = { ok: true; descriptor: SignedDescriptor };

const BAD_ANSWER: FetchFailure = { ok: false, reason: "bad-answer" };

/** A chunk's blocks, each with its length in front. */
const CHUNK_MAX_BYTES = WIRE_LIMITS.blocksPerChunk * (WIRE_LIMITS.messageBytes + 4);
/** A join response is a second or two of all renditions: 32 MiB are 100 Mbit/s for that long. */
const JOIN_MAX_BYTES = 32 * 1024 * 1024;
const DESCRIPTOR_MAX_BYTES = 64 * 1024;

/** Reads one stream from its origin over HTTP. Never rejects: what went wrong is in the result. */
export class OriginClient {
  readonly #options: OriginClientOptions;
  readonly #baseUrl: string;

  constructor(options: OriginClientOptions) {
    this.#options = options;
    this.#baseUrl = options.baseUrl.replace(/\/+$/, "");
  }

  /** @param video Id of the rendition of the picture, `none` for sound alone; undefined leaves it to the origin. */
  async join(signal?: AbortSignal, video?: string): Promise<OriginJoin | FetchFailure> {
    const query = video === undefined ? "" : `?video=${encodeURIComponent(video)}`;
    const body = await this.#get(`join${query}`, JOIN_MAX_BYTES, signal);
    if (!body.ok) return body;
    return orBadAnswer(() => {
      const [first, ...rest] = decodeBundle(body.bytes);
      const descriptor = first === undefined ? undefined : readDescriptor(first);
      if (descriptor === undefined) return BAD_ANSWER;
      return { ok: true as const, descriptor, blocks: rest.map(decodeBlock) };
    });
  }

  /** Anything else below the stream's address: `past/1800000000000`. */
  bytes(path: string, maxBytes: number, signal?: AbortSignal): ReturnType<typeof fetchBytes> {
    return this.#get(path, maxBytes, signal);
  }

  async descriptor(signal?: AbortSignal): Promise<OriginDescriptor | FetchFailure> {
    const body = await this.#get("descriptor", DESCRIPTOR_MAX_BYTES, signal);
    if (!body.ok) return body;
    const descriptor = readDescriptor(body.bytes);
    return descriptor === undefined ? BAD_ANSWER : { ok: true, descriptor };
  }

  /**
   * All blocks of a chunk. One that is about to be made is waited for.
   * @param indexes Only these, one request each: a chunk is not worth fetching for what it lacks.
   */
  async chunkBlocks(
    trackId: string,
    sequence: number,
    signal?: AbortSignal,
    indexes?: readonly number[],
  ): Promise<OriginBlocks | FetchFailure> {
    const path = `tracks/${trackId}/blocks/${sequence}`;
    if (indexes !== undefined) return this.#blocks(path, sequence, indexes, signal);
    const body = await this.#get(path, CHUNK_MAX_BYTES, signal);
    if (!body.ok) return body;
    return orBadAnswer(() => {
      const blocks = decodeBundle(body.bytes).map(decodeBlock);
      const isThatChunk = blocks.length > 0 && blocks.every((block) => block.sequence === sequence);
      return isThatChunk ? { ok: true as const, blocks } : BAD_ANSWER;
    });
  }

  async #blocks(
    path: string,
    sequence: number,
    indexes: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<OriginBlocks | FetchFailure> {
    const bodies = await Promise.all(
      indexes.map((index) => this.#get(`${path}/${index}`, WIRE_LIMITS.messageBytes, signal)),
    );
    const blocks: Block[] = [];
    for (const [at, body] of bodies.entries()) {
      if (!body.ok) return body;
      const block = orBadAnswer(() => ({ ok: true as const, block: decodeBlock(body.bytes) }));
      if (!block.ok) return block;
      const isThatBlock = block.block.sequence === sequence && block.block.index === indexes[at];
      if (!isThatBlock) return BAD_ANSWER;
      blocks.push(block.block);
    }
    return { ok: true, blocks };
  }

  #get(path: string, maxBytes: number, signal: AbortSignal | undefined) {
    const { clock = systemClock, timeoutMs = 8000, fetch = globalThis.fetch } = this.#options;
    return fetchBytes({
      // Browsers refuse a fetch that is called as a method of something else.
      fetch: (url, init) => fetch(url, init),
      url: `${this.#baseUrl}/${path}${this.#query(path)}`,
      maxBytes,
      timeoutMs,
      clock,
      signal,
    });
  }

  #query(path: string): string {
    const { token } = this.#options;
    const now = typeof token === "function" ? token() : token;
    const mark = path.includes("?") ? "&" : "?";
    return now === undefined ? "" : `${mark}token=${encodeURIComponent(now)}`;
  }
}

function orBadAnswer<T>(read: () => T | FetchFailure): T | FetchFailure {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) return BAD_ANSWER;
    throw error;
  }
}

function readDescriptor(bytes: Uint8Array): SignedDescriptor | undefined {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  const result = signedDescriptorSchema.safeParse(json);
  return result.success ? result.data : undefined;
}
