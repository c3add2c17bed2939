import { type Block, sliceChunk, USUAL_BLOCK_PAYLOAD_BYTES } from "#protocol";
import type { TestPublisher } from "./test-publisher.ts";

/** Bytes of a test chunk: two blocks, so that both slicing and assembling are seen to work. */
const CHUNK_BYTES = USUAL_BLOCK_PAYLOAD_BYTES + 1000;

/** The signed blocks of one 200 ms chunk whose bytes follow from its sequence number. */
export function testChunkBlocks(
  publisher: TestPublisher,
  sequence: number,
  sourceTimeMs: number,
): Block[] {
  const payloads = sliceChunk(testChunkBytes(sequence));
  return payloads.map((payload, index) =>
    publisher.block(
      {
        sequence,
        index,
        count: payloads.length,
        isIndependent: sequence % 5 === 0,
        sourceTimeMs: Math.round(sourceTimeMs),
      },
      payload,
    ),
  );
}

export function testChunkBytes(sequence: number): Uint8Array {
  return Uint8Array.from({ length: CHUNK_BYTES }, (_, at) => (at * 7 + sequence * 13) & 255);
}
