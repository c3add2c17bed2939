import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  decodeBlock,
  encodeUnsignedBlock,
  MAX_BLOCK_PAYLOAD_BYTES,
  SIGNATURE_BYTES,
  sealBlock,
  signaturePart,
  sliceChunk,
  stripeOfBlock,
  USUAL_BLOCK_PAYLOAD_BYTES,
  unsignedPart,
} from "./block.ts";
import { DecodeError } from "./errors.ts";
import { fromHex, toHex } from "./hex.ts";
import { WIRE_LIMITS } from "./limits.ts";
import { decodePeerMessage, encodePeerMessage } from "./peer-message.ts";

const GOLDEN: { hex: string; header: BlockHeader; payload: string } = JSON.parse(
  readFileSync(new URL("../vectors/signatures.json", import.meta.url), "utf8"),
).block;

const HEADER: BlockHeader = GOLDEN.header;
const SIGNATURE = new Uint8Array(SIGNATURE_BYTES).fill(7);

describe("a block", () => {
  it("is read whole: header, payload, signature", () => {
    const block = decodeBlock(fromHex(GOLDEN.hex));
    expect(block).toMatchObject(GOLDEN.header);
    expect(toHex(block.payload)).toBe(GOLDEN.payload);
    expect(toHex(unsignedPart(block)) + toHex(signaturePart(block))).toBe(GOLDEN.hex);
  });

  it("is refused cut at every length, and with a byte too many", () => {
    const whole = fromHex(GOLDEN.hex);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeBlock(whole.slice(0, length)), `${length} bytes`).toThrow(/^truncated/);
    }
    expect(() => decodeBlock(fromHex(`${GOLDEN.hex}00`))).toThrow(/^trailing-bytes/);
  });

  it("never fails in another way, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeBlock(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("of the largest payload just fits one message", () => {
    const unsigned = encodeUnsignedBlock(HEADER, new Uint8Array(MAX_BLOCK_PAYLOAD_BYTES));
    const block = decodeBlock(sealBlock(unsigned, SIGNATURE));
    const message = encodePeerMessage({ type: "block", block });
    expect(message.length).toBe(WIRE_LIMITS.messageBytes);
    expect(decodePeerMessage(message)).toMatchObject({ type: "block" });
  });

  it.each<[string, Partial<BlockHeader>]>([
    ["track 8", { track: 8 }],
    ["track -1", { track: -1 }],
    ["a sequence of 33 bits", { sequence: 2 ** 32 }],
    ["a fraction of a sequence", { sequence: 0.5 }],
    ["no blocks", { count: 0, index: 0 }],
    ["1,025 blocks", { count: 1025 }],
    ["an index that is the count", { index: 3, count: 3 }],
    ["an init version of 17 bits", { initVersion: 2 ** 16 }],
    ["a source time of 49 bits", { sourceTimeMs: 2 ** 48 }],
    ["no duration", { durationMs: 0 }],
    ["a duration above 10 s", { durationMs: 10_001 }],
  ])("is not made with %s", (_, change) => {
    expect(() => encodeUnsignedBlock({ ...HEADER, ...change }, new Uint8Array(1))).toThrow(
      RangeError,
    );
  });

  it.each([0, MAX_BLOCK_PAYLOAD_BYTES + 1])("is not made with a payload of %i bytes", (length) => {
    expect(() => encodeUnsignedBlock(HEADER, new Uint8Array(length))).toThrow(RangeError);
  });

  it.each([
    ["track 8", 0, "08"],
    ["index 3 of 3", 2, "0003"],
    ["a count of 0", 4, "0000"],
    ["a count of 1,025", 4, "0401"],
    ["a duration of 0", 18, "0000"],
    ["a duration of 10,001 ms", 18, "2711"],
  ])("is refused with %s", (_, at, hex) => {
    const bytes = fromHex(GOLDEN.hex);
    bytes.set(fromHex(hex), at);
    expect(() => decodeBlock(bytes)).toThrow(/^bad-value/);
  });

  it("is refused with an empty payload", () => {
    const bytes = new Uint8Array(BLOCK_HEADER_BYTES + SIGNATURE_BYTES);
    bytes.set(fromHex(GOLDEN.hex).subarray(0, 20));
    expect(() => decodeBlock(bytes)).toThrow(/^bad-value/);
  });

  it.each([63, 65])("is not sealed with a signature of %i bytes", (length) => {
    const unsigned = encodeUnsignedBlock(HEADER, new Uint8Array(1));
    expect(() => sealBlock(unsigned, new Uint8Array(length))).toThrow(RangeError);
  });
});

describe("stripes", () => {
  it("take the blocks of a chunk, and the first blocks of chunks, in turn", () => {
    const stripes = (sequence: number, index: number) => stripeOfBlock({ sequence, index }, 8);
    expect([0, 1, 2, 7, 8].map((index) => stripes(6, index))).toEqual([6, 7, 0, 5, 6]);
    expect([6, 7, 8, 9].map((sequence) => stripes(sequence, 0))).toEqual([6, 7, 0, 1]);
    expect(stripeOfBlock({ sequence: 2 ** 32 - 1, index: 1023 }, 1)).toBe(0);
  });
});

describe("slicing a chunk", () => {
  it("gives payloads of nearly equal size that join to the chunk again", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 2000 }),
        fc.integer({ min: 2, max: 500 }),
        (chunk, maxBytes) => {
          const slices = sliceChunk(chunk, maxBytes);
          const sizes = slices.map((slice) => slice.length);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(maxBytes);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          expect(slices.length).toBe(Math.ceil(chunk.length / maxBytes));
          expect(Buffer.concat(slices).equals(chunk)).toBe(true);
        },
      ),
    );
  });

  it("makes one block of what fits one of usual size, and two of a byte more", () => {
    expect(sliceChunk(new Uint8Array(USUAL_BLOCK_PAYLOAD_BYTES))).toHaveLength(1);
    expect(sliceChunk(new Uint8Array(USUAL_BLOCK_PAYLOAD_BYTES + 1))).toHaveLength(2);
  });

  it("makes larger ones of a chunk that had too many otherwise, up to what a message holds", () => {
    expect(sliceChunk(new Uint8Array(1024 * USUAL_BLOCK_PAYLOAD_BYTES + 1))).toHaveLength(1024);
    expect(sliceChunk(new Uint8Array(1024 * MAX_BLOCK_PAYLOAD_BYTES))).toHaveLength(1024);
    expect(() => sliceChunk(new Uint8Array(1024 * MAX_BLOCK_PAYLOAD_BYTES + 1))).toThrow(
      RangeError,
    );
  });

  it("refuses an empty chunk and one of more than 1,024 blocks", () => {
    expect(() => sliceChunk(new Uint8Array(0))).toThrow(RangeError);
    expect(sliceChunk(new Uint8Array(1024), 1)).toHaveLength(1024);
    expect(() => sliceChunk(new Uint8Array(1025), 1)).toThrow(RangeError);
  });
});
