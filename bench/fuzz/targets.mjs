import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { RtmpPublishReader } from "../../dist/ingest/ffmpeg/rtmp-publish-reader.js";
import { TsPackager } from "../../dist/ingest/packager/ts-packager.js";
import { readRtpPacket } from "../../dist/ingest/sources/rtp-packet.js";
import * as media from "../../dist/media/index.js";
import * as protocol from "../../dist/protocol/index.js";
import { createAccess } from "../../dist/signaling/access/create-access.js";
import { signToken } from "../../dist/signaling/access/sign-token.js";
import { readTokenKeys } from "../../dist/signaling/access/token-keys.js";
import { TestPublisher } from "../../dist/transport/testing/test-publisher.js";

const CLIP = readFileSync(new URL("../../ingest/clip/pattern.m2ts", import.meta.url));
const VECTORS = new URL("../../protocol/vectors/", import.meta.url);
const publisher = new TestPublisher();
const MESSAGE_BYTES = protocol.WIRE_LIMITS.messageBytes;

const JSON_WORDS = [
  ...['"__proto__":', '"constructor":', '"prototype":', "null", "true", "-1", "1e999", "[]", "{}"],
  ...['"', ",", ":", "\\u0000", "\\ud800", '"streamId":', '"peerId":', "0.5", "9007199254740993"],
];

/**
 * Everything that reads what a stranger wrote. `seeds` are inputs to begin with, `run` throws when the
 * input did harm: any error but the reader's own, a value that does not come back as it was.
 */
export const TARGETS = {
  "peer-message": {
    bytesMax: MESSAGE_BYTES + 8,
    seeds: () => {
      const vectors = JSON.parse(readFileSync(new URL("peer-messages.json", VECTORS), "utf8"));
      return vectors.map(({ hex }) => Buffer.from(hex, "hex"));
    },
    run(bytes) {
      // As data channels give it: what comes back is compared with what Buffer does not change.
      const plain = Uint8Array.from(bytes);
      const message = read(protocol.DecodeError, () => protocol.decodePeerMessage(plain));
      if (message === undefined) return;
      const written = protocol.encodePeerMessage(message);
      expect(written.length === protocol.peerMessageBytes(message), "its length is what is said");
      expect(isDeepStrictEqual(protocol.decodePeerMessage(written), message), "it comes back");
    },
  },
  block: {
    bytesMax: MESSAGE_BYTES + 8,
    seeds: () => [publisher.block().bytes, publisher.block({ count: 9, index: 8 }).bytes],
    run(bytes) {
      const block = read(protocol.DecodeError, () => protocol.decodeBlock(bytes));
      if (block === undefined) return;
      expect(block.index < block.count, "the index is below the count");
      expect(block.bytes.length === bytes.length, "it is all of the bytes");
    },
  },
  "join-response": {
    bytesMax: 64 * 1024,
    seeds: () => {
      const { body, signature } = publisher.signed();
      const descriptor = Buffer.from(JSON.stringify({ body, signature }));
      return [protocol.encodeBundle([descriptor, publisher.block().bytes])];
    },
    run(bytes) {
      const records = read(protocol.DecodeError, () => protocol.decodeBundle(bytes)) ?? [];
      for (const record of records) read(protocol.DecodeError, () => protocol.decodeBlock(record));
      expect(records.length <= bytes.length / 4, "each record has its length");
    },
  },
  "peer-record": {
    bytesMax: 256,
    seeds: () => [Buffer.alloc(protocol.SIGNED_RECORD_BYTES, 1)],
    run(bytes) {
      const record = read(protocol.DecodeError, () => protocol.decodeSignedRecord(bytes));
      if (record === undefined) return;
      const written = protocol.encodeSignedRecord(record);
      expect(Buffer.compare(Buffer.from(written), bytes) === 0, "it comes back");
    },
  },
  descriptor: {
    bytesMax: 20 * 1024,
    words: [...JSON_WORDS, '"tracks":', '"init":', '"revision":', '"handOver":'],
    seeds: () => [Buffer.from(publisher.signed().body)],
    run(bytes) {
      const descriptor = read(TypeError, () => protocol.parseDescriptor(bytes.toString()));
      if (descriptor === undefined) return;
      const again = protocol.parseDescriptor(JSON.stringify(descriptor));
      expect(isDeepStrictEqual(again, descriptor), "it comes back");
    },
  },
  "said-to-tracker": {
    bytesMax: protocol.TRACKER_LIMITS.messageBytes,
    words: [...JSON_WORDS, '"role":"viewer"', '"signal":', '"sdp":', '"want":16', '"hints":'],
    seeds: () => CLIENT_MESSAGES.map(([name, message]) => named(name, message)),
    run(bytes) {
      const [name, json] = unnamed(bytes, Object.keys(protocol.clientMessageSchemas));
      if (json !== undefined) read(TypeError, () => protocol.parseClientMessage(name, json));
    },
  },
  "said-by-tracker": {
    bytesMax: protocol.TRACKER_LIMITS.messageBytes,
    words: [...JSON_WORDS, '"peers":', '"iceServers":', '"urls":', '"retryMs":', '"membership":'],
    seeds: () => Object.entries(TRACKER_SAYINGS).map(([name, said]) => named(name, said)),
    run(bytes) {
      const [name, json] = unnamed(bytes, Object.keys(TRACKER_SCHEMAS));
      if (json !== undefined) TRACKER_SCHEMAS[name].safeParse(json);
    },
  },
  signal: {
    bytesMax: protocol.WIRE_LIMITS.signalBytes,
    words: [...JSON_WORDS, '"type":"offer"', '"candidate":', '"mid":', '"lineIndex":'],
    seeds: () => [
      Buffer.from('{"type":"offer","sdp":"v=0"}'),
      Buffer.from('{"type":"candidate","candidate":"a","mid":"0","lineIndex":1}'),
    ],
    run(bytes) {
      read(TypeError, () => protocol.parseSignal(bytes.toString()));
    },
  },
  "transport-stream": {
    bytesMax: 40 * 188,
    words: [
      [0x47, 0x40, 0x00, 0x10],
      [0, 0, 1, 0xe0],
      [0, 0, 0, 1, 0x67],
      [0xff, 0xf1, 0x50],
    ],
    seeds: () => [CLIP.subarray(0, 30 * 188), CLIP.subarray(200 * 188, 230 * 188)],
    run(bytes) {
      const packager = new TsPackager({ chunkMs: 200 });
      const cut = bytes.length >> 1;
      const events = [
        ...packager.push(bytes.subarray(0, cut), 1000),
        ...packager.push(bytes.subarray(cut), 1100),
        ...packager.flush(),
      ];
      for (const event of events) {
        if (event.type === "chunk") media.readChunk(event.chunk.bytes);
        if (event.type === "track") media.readInitSegment(event.track.initSegment);
      }
    },
  },
  "fragmented-mp4": {
    bytesMax: 8 * 1024,
    words: ["moov", "trak", "stsd", "moof", "traf", "trun", "tfdt", "mdat", "emsg", "avcC", "esds"],
    seeds: () => packagedClip(),
    run(bytes) {
      read(media.MediaError, () => media.readInitSegment(bytes));
      read(media.MediaError, () => media.readChunk(bytes));
      read(media.MediaError, () => media.readDecodeTimeTicks(bytes));
      read(media.MediaError, () => media.readEventMessages(bytes));
    },
  },
  "codec-headers": {
    bytesMax: 512,
    seeds: () => [
      Buffer.from("006764001eacd940a02ff97011000003000100000300320f162d96", "hex"),
      ...CODEC_READERS.map((_, index) => Buffer.concat([Buffer.of(index), CLIP.subarray(0, 40)])),
    ],
    run(bytes) {
      const reader = CODEC_READERS[(bytes[0] ?? 0) % CODEC_READERS.length];
      read(media.MediaError, () => reader(bytes.subarray(1)));
    },
  },
  token: {
    bytesMax: protocol.TRACKER_LIMITS.tokenLength,
    words: ["eyJhbGciOiJub25lIn0", ".", "..", "eyJhbGciOiJIUzI1NiJ9", "="],
    seeds: async () => [Buffer.from(await genuineToken())],
    async run(bytes) {
      const token = bytes.toString();
      const asked = { action: "publish", token, streamId: publisher.streamId };
      const { ok } = await access.check(asked);
      expect(!ok, "a token for watching lets nobody publish");
    },
  },
  rtmp: {
    bytesMax: 8 * 1024,
    seeds: () => [
      Buffer.concat([Buffer.of(3), Buffer.alloc(3072), Buffer.of(3, 0, 0, 0, 0, 0, 9, 20)]),
    ],
    run(bytes) {
      const reader = new RtmpPublishReader();
      read(Error, () => {
        for (let at = 0; at < bytes.length; at += 700) reader.push(bytes.subarray(at, at + 700));
      });
    },
  },
  rtp: {
    bytesMax: 1600,
    seeds: () => [
      Buffer.concat([Buffer.from("8021000100000001deadbeef", "hex"), CLIP.subarray(0, 188)]),
    ],
    run(bytes) {
      const packet = readRtpPacket(bytes);
      expect(
        packet === undefined || packet.payload.length <= bytes.length,
        "it ends with its bytes",
      );
    },
  },
};

const CODEC_READERS = [
  media.parseSps,
  media.readSpecificConfig,
  media.readAc3Frame,
  media.av1Coding,
  media.vp9Coding,
  media.opusCodingOf,
  media.opusPacketSamples,
  (bytes) => [...media.seiMessages(bytes)].map(media.captionsIn),
  (bytes) => media.captionChannels(bytes),
  (bytes) => media.hevcCoding({ vps: bytes, sps: bytes, pps: [bytes] }),
];

const { streamId } = publisher;
const PEER = protocol.peerIdFromBytes(new Uint8Array(10));
const CLIENT_MESSAGES = [
  ["announce", { streamId, peerId: PEER, role: "viewer", want: 8, hints: { nat: "cone" } }],
  ["find-peers", { want: 3 }],
  ["relay", { to: PEER, signal: { type: "candidate", candidate: "x", mid: "0" } }],
  ["publish", { descriptor: publisher.signed(), proof: "00".repeat(64) }],
  ["clock", {}],
];
const TRACKER_SCHEMAS = {
  ...protocol.trackerMessageSchemas,
  announced: protocol.announceReplySchema,
  found: protocol.findPeersReplySchema,
};
const TRACKER_SAYINGS = {
  introduce: { peers: [{ peerId: PEER, role: "viewer" }] },
  goodbye: { code: "moving", message: "", retryMs: 5 },
  descriptor: { descriptor: publisher.signed() },
  announced: {
    ...{ ok: true, descriptor: publisher.signed(), peers: [], viewers: 1, serverTimeMs: 1 },
    iceServers: [{ urls: ["stun:stun.example"], username: "a", credential: "b" }],
  },
};

const keys = readTokenKeys(randomBytes(32).toString("hex"), "fuzz");
const access = createAccess({ keys });
const genuineToken = () => signToken(keys, { actions: ["watch"], lifeSec: 600 });

/** A name and JSON in one input. */
function named(name, message) {
  return Buffer.from(`${name}\n${JSON.stringify(message)}`);
}

/** @returns One of the names, and what follows; undefined where that is no JSON. */
function unnamed(bytes, names) {
  const text = bytes.toString();
  const end = text.indexOf("\n");
  const said = text.slice(0, end);
  const name = names.includes(said) ? said : names[(bytes[0] ?? 0) % names.length];
  try {
    return [name, JSON.parse(text.slice(end + 1))];
  } catch {
    return [name, undefined];
  }
}

/** Init segments and first chunks of the built-in clip. */
function packagedClip() {
  const packager = new TsPackager({ chunkMs: 200 });
  const found = new Map();
  for (const event of packager.push(CLIP.subarray(0, 1500 * 188), 1000)) {
    if (event.type === "track") found.set(`track ${event.track.kind}`, event.track.initSegment);
    if (event.type === "chunk") found.set(`chunk ${event.chunk.kind}`, event.chunk.bytes);
  }
  return [...found.values()].map((bytes) => Buffer.from(bytes.subarray(0, 4096)));
}

/** What a reader makes of it; undefined when it says in its own way that it is nothing. */
function read(ownError, reader) {
  try {
    return reader();
  } catch (error) {
    if (error instanceof ownError) return undefined;
    throw error;
  }
}

function expect(isTrue, what) {
  if (!isTrue) throw new Error(`not so: ${what}`);
}
