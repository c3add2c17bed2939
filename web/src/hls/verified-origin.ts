import type { Block, StreamDescriptor } from "#protocol";
import { bestCrypto256, blockVerifier, OriginClient, openDescriptor } from "#transport";
import type { StreamPlace } from "./media-url.ts";

/** A chunk the origin did not give, or not a genuine one. `status` is for players that want one. */
export class OriginFailure extends Error {
  override readonly name = "OriginFailure";
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const STATUS = { "not-found": 404, timeout: 504 } as Record<string, number>;

/**
 * The media behind a playlist's addresses in its signed form: what the mesh did not bring comes from
 * the same server as over plain HLS, but nothing is taken on that server's word.
 */
export class VerifiedOrigin {
  readonly #place: StreamPlace;
  readonly #client: OriginClient;
  #opened: Promise<StreamDescriptor> | undefined;
  #receivedBytes = 0;
  #rejectedBlocks = 0;

  /** @param token What lets us in, where the origin asks for it. */
  constructor(place: StreamPlace, token?: string) {
    this.#place = place;
    const baseUrl = `${place.baseUrl}/streams/${place.streamId}`;
    this.#client = new OriginClient({ baseUrl, token });
  }

  /** Block bytes that were genuine. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get rejectedBlocks(): number {
    return this.#rejectedBlocks;
  }

  /** The stream's descriptor as this origin has it, verified. @throws {OriginFailure} */
  descriptor(): Promise<StreamDescriptor> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  /** Ask for the descriptor anew: what it did not say may have changed. */
  renew(): void {
    this.#opened = undefined;
  }

  /** A newer descriptor, verified by somebody else. */
  use(descriptor: StreamDescriptor): void {
    this.#opened = Promise.resolve(descriptor);
  }

  /** One chunk, every block of it checked. @throws {OriginFailure} */
  async chunk(trackId: string, sequence: number, signal: AbortSignal): Promise<Uint8Array> {
    const descriptor = await this.descriptor();
    const answer = await this.#client.chunkBlocks(trackId, sequence, signal);
    if (!answer.ok) throw failure(`chunk ${sequence} of ${trackId}`, answer.reason);
    const track = descriptor.tracks.findIndex(({ id }) => id === trackId);
    const blocks = answer.blocks.toSorted((a, b) => a.index - b.index);
    const isWhole =
      blocks.length === blocks[0]?.count &&
      blocks.every((block, index) => block.index === index && block.track === track);
    if (!isWhole || !(await areGenuine(blocks, descriptor))) {
      this.#rejectedBlocks += blocks.length;
      throw new OriginFailure(`chunk ${sequence} of ${trackId} is not its publisher's`, 502);
    }
    for (const { bytes } of blocks) this.#receivedBytes += bytes.length;
    return joinBytes(blocks.map(({ payload }) => payload));
  }

  async #open(): Promise<StreamDescriptor> {
    const crypto = await bestCrypto256();
    const answer = await this.#client.descriptor();
    if (!answer.ok) throw failure("the stream's descriptor", answer.reason);
    try {
      return await openDescriptor(crypto, this.#place.streamId, answer.descriptor);
    } catch (cause) {
      throw new OriginFailure(cause instanceof Error ? cause.message : "no descriptor", 502);
    }
  }
}

async function areGenuine(
  blocks: readonly Block[],
  descriptor: StreamDescriptor,
): Promise<boolean> {
  const verifier = blockVerifier(await bestCrypto256(), descriptor);
  const checks = await Promise.all(blocks.map((block) => verifier.verify(block)));
  return checks.every(Boolean);
}

function failure(what: string, reason: string): OriginFailure {
  return new OriginFailure(`${what}: ${reason}`, STATUS[reason] ?? 502);
}

/** A copy of its own: players hand their media to workers, and lose it that way. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
