import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type StreamId, streamIdBytes } from "./ids.ts";
import { WIRE_LIMITS } from "./limits.ts";

/** Which slice of which chunk a block is, and when its chunk was made. All of it is signed. */
export type BlockHeader = {
  /** Index of the track in the stream descriptor. */
  track: number;
  /** Of the chunk: rises by one per track and never repeats. */
  sequence: number;
  /** Of this slice within the chunk, from 0. */
  index: number;
  /** How many slices the chunk has. */
  count: number;
  /** Which init segment of the track decodes the chunk. */
  initVersion: number;
  /** The chunk starts at a key frame (audio: every chunk). */
  isIndependent: boolean;
  /** The encoder was restarted before this chunk: decoder state does not carry over. */
  isDiscontinuity: boolean;
  /** When the chunk's first frame reached ingest, Unix time of the ingest's clock in ms. */
  sourceTimeMs: number;
  /** Media time the chunk spans, in ms, 1 to 10,000. */
  durationMs: number;
};

/**
 * The unit that is pushed, requested, verified and relayed. `bytes` is the whole encoded block
 * with its signature, ready to be passed on unchanged; `payload` is a view into it.
 */
export type Block = BlockHeader & { bytes: Uint8Array; payload: Uint8Array };

export const BLOCK_HEADER_BYTES = 22;
/** ECDSA P-256 with SHA-256, r and s as 32 bytes each (IEEE P1363). */
export const SIGNATURE_BYTES = 64;
/** Leaves room for the message's type byte. */
export const MAX_BLOCK_PAYLOAD_BYTES =
  WIRE_LIMITS.messageBytes - 1 - BLOCK_HEADER_BYTES - SIGNATURE_BYTES;

/**
 * What publishers put into a block. A peer passes a block on when it has all of it, and to its children one after
 * another, so half the size is half of what each level of a tree adds; below this the trees' latencies are
 * what counts, and every message costs (simulator, 120 viewers, 2.5 Mbit/s: delay p95 585 ms with 16 KiB, 563 with 11,
 * 495 with 8, 476 with 5.5).
 */
export const USUAL_BLOCK_PAYLOAD_BYTES = 8 * 1024;

const FLAG_INDEPENDENT = 1;
const FLAG_DISCONTINUITY = 2;
const SIGNING_CONTEXT = "livemesh/block/1\0";

/**
 * Header and payload as they are signed and sent, still without the signature.
 * @throws {RangeError} When a field does not fit the wire.
 */
export function encodeUnsignedBlock(header: BlockHeader, payload: Uint8Array): Uint8Array {
  const problem = headerProblem(header) ?? payloadProblem(payload);
  if (problem !== undefined) throw new RangeError(problem);
  return new ByteWriter(BLOCK_HEADER_BYTES + payload.length + SIGNATURE_BYTES)
    .u8(header.track)
    .u8(
      (header.isIndependent ? FLAG_INDEPENDENT : 0) |
        (header.isDiscontinuity ? FLAG_DISCONTINUITY : 0),
    )
    .u16(header.index)
    .u16(header.count)
    .u16(header.initVersion)
    .u32(header.sequence)
    .u48(header.sourceTimeMs)
    .u16(header.durationMs)
    .u16(payload.length)
    .bytes(payload)
    .finish();
}

/**
 * What the publisher signs and everybody verifies: a context string, so that a signature made for
 * something else never fits, the stream id, so that a block never fits another stream, and the
 * unsigned block.
 */
export function blockSigningInput(
  streamId: StreamId,
  unsignedBlock: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return signingInput(SIGNING_CONTEXT, streamIdBytes(streamId), unsignedBlock);
}

/** A context string in ASCII followed by parts of fixed or final length. */
export function signingInput(context: string, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, context.length);
  const input = new Uint8Array(length);
  for (let i = 0; i < context.length; i++) input[i] = context.charCodeAt(i);
  let at = context.length;
  for (const part of parts) {
    input.set(part, at);
    at += part.length;
  }
  return input;
}

/** The finished block. */
export function sealBlock(unsignedBlock: Uint8Array, signature: Uint8Array): Uint8Array {
  if (signature.length !== SIGNATURE_BYTES) {
    throw new RangeError(`a signature is ${SIGNATURE_BYTES} bytes, got ${signature.length}`);
  }
  const bytes = new Uint8Array(unsignedBlock.length + SIGNATURE_BYTES);
  bytes.set(unsignedBlock);
  bytes.set(signature, unsignedBlock.length);
  return bytes;
}

export function unsignedPart(block: Block): Uint8Array {
  return block.bytes.subarray(0, block.bytes.length - SIGNATURE_BYTES);
}

export function signaturePart(block: Block): Uint8Array {
  return block.bytes.subarray(block.bytes.length - SIGNATURE_BYTES);
}

/**
 * Read one whole block. The signature is not checked here: nothing of the result may be stored or
 * relayed before it is.
 * @throws {DecodeError} On anything that is not exactly one block within the limits.
 */
export function decodeBlock(bytes: Uint8Array): Block {
  const reader = new ByteReader(bytes);
  const track = reader.u8();
  const flags = reader.u8();
  const header: BlockHeader = {
    track,
    isIndependent: (flags & FLAG_INDEPENDENT) !== 0,
    isDiscontinuity: (flags & FLAG_DISCONTINUITY) !== 0,
    index: reader.u16(),
    count: reader.u16(),
    initVersion: reader.u16(),
    sequence: reader.u32(),
    sourceTimeMs: reader.u48(),
    durationMs: reader.u16(),
  };
  const payload = reader.bytes(reader.u16());
  reader.bytes(SIGNATURE_BYTES);
  reader.expectEnd();
  const problem = headerProblem(header) ?? payloadProblem(payload);
  if (problem !== undefined) reader.refuse(problem);
  return { ...header, bytes, payload };
}

/** Stripe a block travels on: slices of one chunk and neighboring chunks spread over all stripes. */
export function stripeOfBlock(
  block: Pick<BlockHeader, "sequence" | "index">,
  stripes: number,
): number {
  return (block.sequence + block.index) % stripes;
}

/**
 * Cut a chunk into payloads of nearly equal size, so that no stripe carries only crumbs.
 * @param payloadBytes At most so much in each; by default the usual size, or more where that made too many blocks.
 * @throws {RangeError} When the chunk is empty or needs more than 1,024 blocks.
 */
export function sliceChunk(
  chunk: Uint8Array,
  payloadBytes: number = usualPayloadBytes(chunk.length),
): Uint8Array[] {
  const count = Math.ceil(chunk.length / payloadBytes);
  if (count < 1 || count > WIRE_LIMITS.blocksPerChunk) {
    throw new RangeError(
      `a chunk has 1 to ${WIRE_LIMITS.blocksPerChunk} blocks, ${chunk.length} bytes make ${count}`,
    );
  }
  return Array.from({ length: count }, (_, index) =>
    chunk.subarray(
      Math.floor((index * chunk.length) / count),
      Math.floor(((index + 1) * chunk.length) / count),
    ),
  );
}

function usualPayloadBytes(chunkBytes: number): number {
  const leastBytes = Math.ceil(chunkBytes / WIRE_LIMITS.blocksPerChunk);
  return Math.min(MAX_BLOCK_PAYLOAD_BYTES, Math.max(USUAL_BLOCK_PAYLOAD_BYTES, leastBytes));
}

function headerProblem(header: BlockHeader): string | undefined {
  const { track, sequence, index, count, initVersion, sourceTimeMs, durationMs } = header;
  if (!isUnsigned(track, WIRE_LIMITS.tracks - 1)) return `track ${track} is not 0 to 7`;
  if (!isUnsigned(sequence, 2 ** 32 - 1)) return `sequence ${sequence} does not fit 32 bits`;
  if (!isUnsigned(count, WIRE_LIMITS.blocksPerChunk) || count < 1) return `count ${count}`;
  if (!isUnsigned(index, count - 1)) return `index ${index} is not below count ${count}`;
  if (!isUnsigned(initVersion, 2 ** 16 - 1)) return `initVersion ${initVersion}`;
  if (!isUnsigned(sourceTimeMs, 2 ** 48 - 1)) return `sourceTimeMs ${sourceTimeMs}`;
  if (!isUnsigned(durationMs, WIRE_LIMITS.chunkMs) || durationMs < 1) {
    return `durationMs ${durationMs} is not 1 to ${WIRE_LIMITS.chunkMs}`;
  }
  return undefined;
}

function payloadProblem(payload: Uint8Array): string | undefined {
  if (payload.length >= 1 && payload.length <= MAX_BLOCK_PAYLOAD_BYTES) return undefined;
  return `a payload is 1 to ${MAX_BLOCK_PAYLOAD_BYTES} bytes, got ${payload.length}`;
}

function isUnsigned(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
