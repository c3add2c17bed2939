import { describe, expect, it } from "vitest";
import { decodeBlock } from "./block.ts";
import { fromHex, toHex } from "./hex.ts";
import type { PeerId, StreamId } from "./ids.ts";
import { decodePeerMessage, encodePeerMessage, type PeerMessage } from "./peer-message.ts";
import type { SignedPeerRecord } from "./peer-record.ts";

const STREAM = "abcdefghijklmnopqrstuvwxyz234567" as StreamId;
const PEER = "aaaqeayeaudaocaj" as PeerId;
const OTHER_PEER = "7777777777777777" as PeerId;

/** Bytes of the parts, each part a field; the comment beside it says which. */
function fields(...parts: string[]): string {
  return parts.join("");
}

const SIGNATURE = `${"11".repeat(32)}${"22".repeat(32)}`;
const BLOCK = fields(
  "01", // track 1
  "03", // flags: independent, discontinuity
  "0002", // index 2
  "0005", // of 5 blocks
  "0007", // init version 7
  "00010203", // sequence 66,051
  "0197a1b2c3d4", // source time 1,750,764,536,788 ms
  "00c8", // duration 200 ms
  "0004", // payload of 4 bytes
  "6c697665", // payload "live"
  SIGNATURE, // r and s
);

const RECORD = fields(
  "00010203040506070809", // peer id
  "01", // role: seeder
  "01a3185c5000", // expires at 1,800,000,000,000 ms
  SIGNATURE, // r and s
);
const SIGNED_RECORD: SignedPeerRecord = {
  peerId: PEER,
  role: "seeder",
  expiresAtMs: 1_800_000_000_000,
  signature: fromHex(SIGNATURE),
};

type Golden = { name: string; message: PeerMessage; hex: string };

const GOLDEN: Golden[] = [
  {
    name: "hello",
    message: {
      type: "hello",
      version: 2,
      streamId: STREAM,
      descriptorRevision: 1_750_873_752,
      uploadBps: 10_000_000,
    },
    hex: fields(
      "01", // hello
      "02", // version 2
      "00443214c74254b635cf84653a56d7c675be77df", // stream id
      "685c3698", // descriptor revision 1,750,873,752
      "00989680", // upload 10,000,000 bit/s
    ),
  },
  {
    name: "ping",
    message: { type: "ping", token: 0xdeadbeef },
    hex: fields(
      "02", // ping
      "deadbeef", // token
    ),
  },
  {
    name: "pong",
    message: { type: "pong", token: 0xdeadbeef },
    hex: fields(
      "03", // pong
      "deadbeef", // token of the ping
    ),
  },
  {
    name: "have, a part of one chunk and all of another",
    message: {
      type: "have",
      lagsMs: [80, 0xffff],
      chunks: [
        {
          track: 0,
          sequence: 258,
          has: [true, false, true, false, false, false, false, true, false, true],
        },
        { track: 1, sequence: 259, has: [true, true, true] },
      ],
    },
    hex: fields(
      "04", // have
      "02", // 2 stripes
      "0050", // stripe 0: 80 ms behind the source
      "ffff", // stripe 1: nothing came yet
      "02", // 2 chunks
      "00", // track 0
      "00000102", // sequence 258
      "000a", // 10 blocks, bits follow
      "a140", // blocks 0, 2, 7 and 9
      "01", // track 1
      "00000103", // sequence 259
      "8003", // complete: all 3 blocks
    ),
  },
  {
    name: "have, nothing yet",
    message: { type: "have", lagsMs: [], chunks: [] },
    hex: fields(
      "04", // have
      "00", // no stripes
      "00", // no chunks
    ),
  },
  {
    name: "subscribe",
    message: { type: "subscribe", track: 0, stripe: 3, isUrgent: false, fromSequence: 0 },
    hex: fields(
      "05", // subscribe
      "00", // track 0
      "03", // stripe 3
      "00", // flags: none
      "00000000", // from the start
    ),
  },
  {
    name: "subscribe, urgent",
    message: { type: "subscribe", track: 1, stripe: 0, isUrgent: true, fromSequence: 258 },
    hex: fields(
      "05", // subscribe
      "01", // track 1
      "00", // stripe 0
      "01", // flags: urgent
      "00000102", // from chunk 258
    ),
  },
  {
    name: "subscribe, to change places",
    message: {
      type: "subscribe",
      track: 0,
      stripe: 3,
      isUrgent: false,
      fromSequence: 258,
      insteadOf: PEER,
    },
    hex: fields(
      "05", // subscribe
      "00", // track 0
      "03", // stripe 3
      "02", // flags: instead of a child
      "00000102", // from chunk 258
      "00010203040506070809", // the child of the receiver that feeds the sender
    ),
  },
  {
    name: "accept",
    message: { type: "accept", track: 0, stripe: 3, route: [PEER, OTHER_PEER] },
    hex: fields(
      "06", // accept
      "00", // track 0
      "03", // stripe 3
      "02", // 2 hops
      "00010203040506070809", // first hop: the seeder
      "ffffffffffffffffffff", // second hop: the sender's parent
    ),
  },
  {
    name: "refuse, with alternatives",
    message: {
      type: "refuse",
      track: 0,
      stripe: 3,
      reason: "loop",
      alternatives: [PEER, OTHER_PEER],
    },
    hex: fields(
      "07", // refuse
      "00", // track 0
      "03", // stripe 3
      "01", // reason: loop
      "02", // 2 alternatives
      "00010203040506070809", // first peer id
      "ffffffffffffffffffff", // second peer id
    ),
  },
  {
    name: "unsubscribe",
    message: { type: "unsubscribe", track: 1, stripe: 7 },
    hex: fields(
      "08", // unsubscribe
      "01", // track 1
      "07", // stripe 7
    ),
  },
  {
    name: "block",
    message: { type: "block", block: decodeBlock(fromHex(BLOCK)) },
    hex: fields(
      "09", // block
      BLOCK, // the block as the publisher made it
    ),
  },
  {
    name: "request",
    message: { type: "request", track: 0, sequence: 258, indexes: [0, 1023] },
    hex: fields(
      "0a", // request
      "00", // track 0
      "00000102", // sequence 258
      "02", // 2 blocks
      "0000", // index 0
      "03ff", // index 1,023
    ),
  },
  {
    name: "cancel",
    message: { type: "cancel", track: 0, sequence: 258, index: 9 },
    hex: fields(
      "0b", // cancel
      "00", // track 0
      "00000102", // sequence 258
      "0009", // index 9
    ),
  },
  {
    name: "deny",
    message: { type: "deny", track: 0, sequence: 258, index: 9, reason: "busy" },
    hex: fields(
      "0c", // deny
      "00", // track 0
      "00000102", // sequence 258
      "0009", // index 9
      "01", // reason: busy
    ),
  },
  {
    name: "descriptor",
    message: { type: "descriptor", signature: fromHex(SIGNATURE), body: fromHex("7b7d") },
    hex: fields(
      "0d", // descriptor
      SIGNATURE, // r and s
      "0002", // body of 2 bytes
      "7b7d", // text "{}"
    ),
  },
  {
    name: "bye",
    message: { type: "bye", reason: "silent" },
    hex: fields(
      "0e", // bye
      "05", // reason: silent
    ),
  },
  {
    name: "route",
    message: { type: "route", track: 0, stripe: 3, route: [] },
    hex: fields(
      "0f", // route
      "00", // track 0
      "03", // stripe 3
      "00", // no hops: the sender is the seeder
    ),
  },
  {
    name: "member",
    message: { type: "member", record: SIGNED_RECORD },
    hex: fields(
      "10", // member
      RECORD, // the tracker's word about the sender
    ),
  },
  {
    name: "find",
    message: { type: "find", want: 8 },
    hex: fields(
      "11", // find
      "08", // want 8
    ),
  },
  {
    name: "peers",
    message: {
      type: "peers",
      records: [SIGNED_RECORD, { ...SIGNED_RECORD, peerId: OTHER_PEER, role: "viewer" }],
    },
    hex: fields(
      "12", // peers
      "02", // 2 records
      RECORD, // the first
      "ffffffffffffffffffff", // peer id of the second
      "00", // role: viewer
      "01a3185c5000", // expires at
      SIGNATURE, // r and s
    ),
  },
  {
    name: "signal",
    message: { type: "signal", to: OTHER_PEER, from: SIGNED_RECORD, body: fromHex("7b7d") },
    hex: fields(
      "13", // signal
      "ffffffffffffffffffff", // to
      RECORD, // from
      "0002", // body of 2 bytes
      "7b7d", // text "{}"
    ),
  },
];

describe("the golden peer messages", () => {
  it.each(GOLDEN)("encode $name", ({ message, hex }) => {
    expect(toHex(encodePeerMessage(message))).toBe(hex);
  });

  it.each(GOLDEN)("decode $name", ({ message, hex }) => {
    expect(decodePeerMessage(fromHex(hex))).toEqual(message);
  });

  // Changed on purpose? `npx vitest run protocol -u` rewrites the file; docs/protocol.md follows.
  it("are the ones other implementations test against", async () => {
    await expect(
      `${JSON.stringify(
        GOLDEN.map(({ name, message, hex }) => ({ name, message: asJson(message), hex })),
        null,
        2,
      )}\n`,
    ).toMatchFileSnapshot("../vectors/peer-messages.json");
  });
});

/** Binary fields as hexadecimal; of a block the header, payload and signature. */
function asJson(message: PeerMessage): unknown {
  if (message.type === "block") {
    const { bytes, payload, ...header } = message.block;
    const signature = toHex(bytes.subarray(-64));
    return { type: "block", block: { ...header, payload: toHex(payload), signature } };
  }
  return JSON.parse(
    JSON.stringify(message, (_, value) => (value instanceof Uint8Array ? toHex(value) : value)),
  );
}
