import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, decodeBlock, encodeUnsignedBlock, sealBlock } from "./block.ts";
import { DecodeError } from "./errors.ts";
import { fromHex, toHex } from "./hex.ts";
import { PEER_ID_BYTES, peerIdFromBytes, STREAM_ID_BYTES, streamIdFromBytes } from "./ids.ts";
import { WIRE_LIMITS } from "./limits.ts";
import {
  BYE_REASONS,
  DENIAL_REASONS,
  decodePeerMessage,
  encodePeerMessage,
  type PeerMessage,
  peerMessageBytes,
  REFUSAL_REASONS,
} from "./peer-message.ts";
import { ROLES, SIGNED_RECORD_BYTES, type SignedPeerRecord } from "./peer-record.ts";

type Vector = { name: string; hex: string };
const VECTORS: Vector[] = JSON.parse(
  readFileSync(new URL("../vectors/peer-messages.json", import.meta.url), "utf8"),
);

describe("decoding a peer message", () => {
  it.each(VECTORS)("refuses $name cut at every length", ({ hex }) => {
    const whole = fromHex(hex);
    for (let length = 0; length < whole.length; length++) {
      expect(codeOf(whole.slice(0, length)), `cut to ${length} bytes`).toBe("truncated");
    }
  });

  it.each(VECTORS)("refuses $name with a byte too many", ({ hex }) => {
    expect(codeOf(fromHex(`${hex}00`))).toBe("trailing-bytes");
  });

  it.each(VECTORS)("reads $name out of the middle of a larger buffer", ({ hex }) => {
    const padded = fromHex(`ffff${hex}ffff`);
    const message = decodePeerMessage(padded.subarray(2, padded.length - 2));
    expect(toHex(encodePeerMessage(message))).toBe(hex);
  });

  it("never fails in another way, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expectMessageOrDecodeError(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it("never fails in another way when bytes of real messages are changed", () => {
    const golden = fc.constantFrom(...VECTORS.map(({ hex }) => hex));
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(golden, changes, (hex, edits) => {
        const bytes = fromHex(hex);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        expectMessageOrDecodeError(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["no bytes", "", "truncated", 0],
    ["type 0", "00", "unknown-type", 0],
    ["a type of a later version", "1401020304", "unknown-type", 0],
    ["129 lags", `0481${"0000".repeat(129)}00`, "too-long", 2],
    ["129 chunks", `040081${"00000001028001".repeat(129)}`, "too-long", 3],
    ["a chunk of track 8", "0400010800000001 8001", "bad-value", 4],
    ["a chunk of no blocks", "0400010000000001 8000", "bad-value", 10],
    ["a chunk of 1,025 blocks", "0400010000000001 8401", "bad-value", 10],
    ["a subscription to track 8", "05080000", "bad-value", 2],
    ["a subscription to stripe 16", "05001000", "bad-value", 3],
    ["a route of 33 hops", `0f000021${"00".repeat(330)}`, "too-long", 4],
    ["refusal reason 4", "0700000400", "bad-value", 4],
    ["9 alternatives", `0700000009${"00".repeat(90)}`, "too-long", 5],
    ["a request for 65 blocks", `0a000000000141${"0000".repeat(65)}`, "too-long", 7],
    ["a request for block 1,024", "0a0000000001010400", "bad-value", 9],
    ["a cancel of block 1,024", "0b00000000010400", "bad-value", 8],
    ["denial reason 2", "0c0000000001000002", "bad-value", 9],
    ["bye reason 7", "0e07", "bad-value", 2],
    [
      "a descriptor of 15 KiB and a byte",
      `0d${"00".repeat(64)}3c01${"20".repeat(15 * 1024 + 1)}`,
      "too-long",
      67,
    ],
    ["a member of role 2", `10${"00".repeat(10)}02${"00".repeat(70)}`, "bad-value", 12],
    ["a wish for no peers", "1100", "bad-value", 2],
    ["a wish for 9 peers", "1109", "bad-value", 2],
    ["9 peers", `1209${"00".repeat(9 * SIGNED_RECORD_BYTES)}`, "too-long", 2],
    [
      "a signal of 15 KiB and a byte",
      `13${"00".repeat(10 + SIGNED_RECORD_BYTES)}3c01${"20".repeat(15 * 1024 + 1)}`,
      "too-long",
      94,
    ],
    ["more than 16 KiB", "09".repeat(16 * 1024 + 1), "too-long", 0],
  ])("refuses %s", (_, hex, code, offset) => {
    const bytes = fromHex(hex.replaceAll(" ", ""));
    expect(failureOf(bytes)).toMatchObject({ code, offset });
  });

  it("ignores reserved flags and the bits behind the last block of a chunk", () => {
    expect(decodePeerMessage(fromHex("050003fd00000102"))).toEqual({
      type: "subscribe",
      track: 0,
      stripe: 3,
      isUrgent: true,
      fromSequence: 258,
    });
    expect(decodePeerMessage(fromHex("040001000000010200037f"))).toMatchObject({
      chunks: [{ track: 0, sequence: 258, has: [false, true, true] }],
    });
  });

  it("takes complete chunks written out in bits, too", () => {
    expect(decodePeerMessage(fromHex("04000100000001020003e0"))).toMatchObject({
      chunks: [{ has: [true, true, true] }],
    });
  });
});

describe("encoding a peer message", () => {
  it("comes back as it was, at exactly the length peerMessageBytes says", () => {
    fc.assert(
      fc.property(peerMessages(), (message) => {
        const bytes = encodePeerMessage(message);
        expect(peerMessageBytes(message)).toBe(bytes.length);
        expect(decodePeerMessage(bytes)).toEqual(message);
      }),
      { numRuns: 1000 },
    );
  });

  it("clamps lags and upload rates to their field", () => {
    const have = { type: "have", lagsMs: [-3, 99.9, 1e9], chunks: [] } as const;
    expect(toHex(encodePeerMessage({ ...have, lagsMs: [...have.lagsMs], chunks: [] }))).toBe(
      "040300000063ffff00",
    );
    const hello = {
      type: "hello",
      version: 1,
      streamId: streamIdFromBytes(new Uint8Array(STREAM_ID_BYTES)),
      descriptorRevision: 0,
    } as const;
    expect(toHex(encodePeerMessage({ ...hello, uploadBps: Infinity })).slice(-8)).toBe("ffffffff");
    expect(toHex(encodePeerMessage({ ...hello, uploadBps: -1 })).slice(-8)).toBe("00000000");
  });

  it.each<[string, PeerMessage]>([
    ["129 lags", { type: "have", lagsMs: new Array(129).fill(0), chunks: [] }],
    ["129 chunks", { type: "have", lagsMs: [], chunks: new Array(129).fill(holdings(1)) }],
    ["a chunk of no blocks", { type: "have", lagsMs: [], chunks: [holdings(0)] }],
    ["a chunk of 1,025 blocks", { type: "have", lagsMs: [], chunks: [holdings(1025)] }],
    [
      "a route of 33 hops",
      { type: "accept", track: 0, stripe: 0, route: new Array(33).fill("aaaaaaaaaaaaaaaa") },
    ],
    [
      "65 blocks",
      { type: "request", track: 0, sequence: 0, indexes: Array.from({ length: 65 }, (_, i) => i) },
    ],
    [
      "a descriptor above 15 KiB",
      { type: "descriptor", signature: new Uint8Array(64), body: new Uint8Array(15 * 1024 + 1) },
    ],
    [
      "a signature of 63 bytes",
      { type: "descriptor", signature: new Uint8Array(63), body: new Uint8Array(2) },
    ],
    ["9 records", { type: "peers", records: new Array(9).fill(record()) }],
    [
      "a record signed by 63 bytes",
      { type: "member", record: { ...record(), signature: new Uint8Array(63) } },
    ],
    [
      "a signal above 15 KiB",
      {
        type: "signal",
        to: record().peerId,
        from: record(),
        body: new Uint8Array(15 * 1024 + 1),
      },
    ],
  ])("refuses what the receiver would refuse: %s", (_, message) => {
    expect(() => encodePeerMessage(message)).toThrow(RangeError);
  });
});

function holdings(count: number) {
  return { track: 0, sequence: 0, has: new Array<boolean>(count).fill(true) };
}

function record(): SignedPeerRecord {
  return {
    peerId: peerIdFromBytes(new Uint8Array(PEER_ID_BYTES)),
    role: "viewer",
    expiresAtMs: 0,
    signature: new Uint8Array(64),
  };
}

function failureOf(bytes: Uint8Array): DecodeError {
  try {
    decodePeerMessage(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error(`${toHex(bytes).slice(0, 64)} was accepted`);
}

function codeOf(bytes: Uint8Array): string {
  return failureOf(bytes).code;
}

function expectMessageOrDecodeError(bytes: Uint8Array): void {
  try {
    decodePeerMessage(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
  }
}

function peerMessages(): fc.Arbitrary<PeerMessage> {
  const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const track = fc.integer({ min: 0, max: WIRE_LIMITS.tracks - 1 });
  const stripe = fc.integer({ min: 0, max: WIRE_LIMITS.stripes - 1 });
  const index = fc.integer({ min: 0, max: WIRE_LIMITS.blocksPerChunk - 1 });
  const peer = fixedBytes(PEER_ID_BYTES).map(peerIdFromBytes);
  const route = fc.array(peer, { maxLength: WIRE_LIMITS.routeHops });
  const type = <T extends PeerMessage["type"]>(name: T) => fc.constant(name);
  return fc.oneof(
    fc.record({
      type: type("hello"),
      version: fc.integer({ min: 0, max: 255 }),
      streamId: fixedBytes(STREAM_ID_BYTES).map(streamIdFromBytes),
      descriptorRevision: u32,
      uploadBps: u32,
    }),
    fc.record({ type: type("ping"), token: u32 }),
    fc.record({ type: type("pong"), token: u32 }),
    fc.record({
      type: type("have"),
      lagsMs: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 128 }),
      chunks: fc.array(
        fc.record({
          track,
          sequence: u32,
          has: fc.array(fc.boolean(), { minLength: 1, maxLength: 64 }),
        }),
        { maxLength: WIRE_LIMITS.haveChunks },
      ),
    }),
    fc.record(
      {
        type: type("subscribe"),
        track,
        stripe,
        isUrgent: fc.boolean(),
        fromSequence: u32,
        insteadOf: peer,
      },
      { requiredKeys: ["type", "track", "stripe", "isUrgent", "fromSequence"] },
    ),
    fc.record({ type: type("accept"), track, stripe, route }),
    fc.record({ type: type("route"), track, stripe, route }),
    fc.record({
      type: type("refuse"),
      track,
      stripe,
      reason: fc.constantFrom(...REFUSAL_REASONS),
      alternatives: fc.array(peer, { maxLength: WIRE_LIMITS.alternatives }),
    }),
    fc.record({ type: type("unsubscribe"), track, stripe }),
    fc.record({ type: type("block"), block: blocks() }),
    fc.record({
      type: type("request"),
      track,
      sequence: u32,
      indexes: fc.array(index, { maxLength: WIRE_LIMITS.requestBlocks }),
    }),
    fc.record({ type: type("cancel"), track, sequence: u32, index }),
    fc.record({
      type: type("deny"),
      track,
      sequence: u32,
      index,
      reason: fc.constantFrom(...DENIAL_REASONS),
    }),
    fc.record({
      type: type("descriptor"),
      signature: fixedBytes(64),
      body: fc.uint8Array({ maxLength: 300 }),
    }),
    fc.record({ type: type("bye"), reason: fc.constantFrom(...BYE_REASONS) }),
    fc.record({ type: type("member"), record: records() }),
    fc.record({
      type: type("find"),
      want: fc.integer({ min: 1, max: WIRE_LIMITS.exchangePeers }),
    }),
    fc.record({
      type: type("peers"),
      records: fc.array(records(), { maxLength: WIRE_LIMITS.exchangePeers }),
    }),
    fc.record({
      type: type("signal"),
      to: peer,
      from: records(),
      body: fc.uint8Array({ maxLength: 300 }),
    }),
  );
}

function records(): fc.Arbitrary<SignedPeerRecord> {
  return fc.record({
    peerId: fixedBytes(PEER_ID_BYTES).map(peerIdFromBytes),
    role: fc.constantFrom(...ROLES),
    expiresAtMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    signature: fixedBytes(64),
  });
}

function blocks(): fc.Arbitrary<Block> {
  return fc
    .record({
      track: fc.integer({ min: 0, max: WIRE_LIMITS.tracks - 1 }),
      sequence: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      place: fc.tuple(
        fc.integer({ min: 1, max: WIRE_LIMITS.blocksPerChunk }),
        fc.nat(WIRE_LIMITS.blocksPerChunk - 1),
      ),
      initVersion: fc.integer({ min: 0, max: 0xffff }),
      isIndependent: fc.boolean(),
      isDiscontinuity: fc.boolean(),
      sourceTimeMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      durationMs: fc.integer({ min: 1, max: WIRE_LIMITS.chunkMs }),
      payload: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      signature: fixedBytes(64),
    })
    .map(({ place: [count, seed], payload, signature, ...header }) =>
      decodeBlock(
        sealBlock(
          encodeUnsignedBlock({ ...header, count, index: seed % count }, payload),
          signature,
        ),
      ),
    );
}

function fixedBytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}
