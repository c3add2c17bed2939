import {
  type Block,
  type BlockHeader,
  decodeBlock,
  encodeUnsignedBlock,
  MAX_BLOCK_PAYLOAD_BYTES,
  type PeerId,
  SIGNATURE_BYTES,
  type StreamDescriptor,
  type StreamId,
  sealBlock,
  sliceChunk,
} from "#protocol";

export const TEST_STREAM_ID = "a".repeat(32) as StreamId;

/** A readable peer id for tests: the name, padded to the 16 characters an id has. */
export function testPeerId(name: string): PeerId {
  return name
    .toLowerCase()
    .replace(/[^a-z2-7]/g, "x")
    .padEnd(16, "a")
    .slice(0, 16) as PeerId;
}

/** A stream of one video and one audio track, about 1.1 Mbit/s in chunks of 200 ms. */
export function testDescriptor(overrides: Partial<StreamDescriptor> = {}): StreamDescriptor {
  const track = { bitrateBps: 1_000_000, initVersion: 0, init: "00" };
  return {
    version: 1,
    streamId: TEST_STREAM_ID,
    publicKey: "04".repeat(65),
    revision: 1,
    title: "test",
    startedAtMs: 0,
    isLive: true,
    chunkMs: 200,
    scheduler: "striped-push",
    overlay: "adaptive",
    origins: [""],
    tracks: [
      { ...track, id: "v0", kind: "video", codec: "avc1.64001e", stripes: 8 },
      { ...track, id: "a0", kind: "audio", codec: "mp4a.40.2", stripes: 1, bitrateBps: 96_000 },
    ],
    ...overrides,
  };
}

/** Blocks of one chunk, the largest there are by default, with a stand-in for a signature: see {@link isGenuine}. */
export function testBlocks(
  chunk: Pick<BlockHeader, "track" | "sequence" | "sourceTimeMs"> & { sizeBytes: number },
  payloadBytes: number = MAX_BLOCK_PAYLOAD_BYTES,
): Block[] {
  const { sizeBytes, ...place } = chunk;
  const slices = sliceChunk(new Uint8Array(sizeBytes).fill(chunk.sequence % 251), payloadBytes);
  return slices.map((payload, index) => {
    const header: BlockHeader = {
      ...place,
      index,
      count: slices.length,
      initVersion: 0,
      isIndependent: chunk.sequence % 5 === 0,
      isDiscontinuity: false,
      durationMs: 200,
    };
    const signature = new Uint8Array(SIGNATURE_BYTES);
    return decodeBlock(sealBlock(encodeUnsignedBlock(header, payload), signature));
  });
}

/** Virtual signatures: all zero is genuine, everything else is not. */
export function isGenuine(block: Block): boolean {
  return block.bytes[block.bytes.length - 1] === 0;
}

/** The same block with a signature that does not verify. */
export function forged(block: Block): Block {
  const bytes = block.bytes.slice();
  bytes[bytes.length - 1] = 1;
  return decodeBlock(bytes);
}

/** A small seeded generator (mulberry32), uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
