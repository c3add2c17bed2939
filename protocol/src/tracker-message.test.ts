import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  announceReplySchema,
  type ClientMessageName,
  clientMessageSchemas,
  findPeersReplySchema,
  parseClientMessage,
  TRACKER_LIMITS,
  trackerMessageSchemas,
} from "./index.ts";

const streamId = "abcdefghijklmnopqrstuvwxyz234567";
const peerId = "aaaqeayeaudaocaj";
const descriptor = { body: "{}", signature: "00".repeat(64) };
const offer = { type: "offer", sdp: "v=0\r\n" };
const candidate = { type: "candidate", candidate: "candidate:1 1 udp", mid: "0", lineIndex: 0 };
const bytes = { copy: 1, seeder: 2, origin: 3, control: 4 };

const VIEWER_STATS = {
  stalls: { count: 0, totalMs: 0 },
  bytes: { peers: 1, seeder: 2, origin: 3, uploaded: 4 },
  rejectedBlocks: 0,
};

const NEIGHBOR = { peerId, receivedBytes: 1, sentBytes: 2, parentOf: 3, childOf: 0 };
const PEER_REPORT = {
  ...VIEWER_STATS,
  spanMs: 2000,
  chunks: { delivered: 1, missed: 0 },
  uplink: { budgetBps: 1, promisedBps: 0 },
  neighborCount: 60,
  neighbors: Array.from({ length: TRACKER_LIMITS.reportedNeighbors }, () => NEIGHBOR),
};

const ACCEPTED: [ClientMessageName, unknown][] = [
  ["announce", { streamId, peerId, role: "viewer", want: 8 }],
  ["announce", { streamId, peerId, role: "seeder", want: 0 }],
  ["find-peers", { want: TRACKER_LIMITS.introduce }],
  ["relay", { to: peerId, signal: offer }],
  ["relay", { to: peerId, signal: { ...offer, type: "answer" } }],
  ["relay", { to: peerId, signal: candidate }],
  ["relay", { to: peerId, signal: { type: "candidate", candidate: "", mid: "" } }],
  ["publish", { descriptor, proof: "ab".repeat(64) }],
  ["unpublish", { streamId }],
  ["clock", {}],
  ["leave", {}],
  ["publisher-stats", { streamId, chunks: 1, blocks: 2, bytes }],
  ["viewer-stats", { ...VIEWER_STATS, latencyMs: 900, iceFailures: { "no-path": 2 } }],
  ["viewer-stats", VIEWER_STATS],
  ["peer-report", PEER_REPORT],
];

const REFUSED: [string, ClientMessageName, unknown, string][] = [
  ["nothing", "announce", undefined, "value"],
  ["null", "clock", null, "value"],
  ["no stream", "announce", { peerId, role: "viewer", want: 8 }, "streamId"],
  ["a bad stream id", "unpublish", { streamId: "x" }, "streamId"],
  ["a bad peer id", "announce", { streamId, peerId: "x", role: "viewer", want: 8 }, "peerId"],
  ["a role of its own", "announce", { streamId, peerId, role: "admin", want: 8 }, "role"],
  ["17 neighbors", "announce", { streamId, peerId, role: "viewer", want: 17 }, "want"],
  ["no neighbors", "find-peers", { want: 0 }, "want"],
  ["half a neighbor", "find-peers", { want: 1.5 }, "want"],
  ["a signal of no kind", "relay", { to: peerId, signal: { type: "renegotiate" } }, "signal"],
  [
    "a long sdp",
    "relay",
    { to: peerId, signal: { ...offer, sdp: "x".repeat(TRACKER_LIMITS.sdpBytes + 1) } },
    "signal",
  ],
  [
    "a long candidate",
    "relay",
    {
      to: peerId,
      signal: { ...candidate, candidate: "x".repeat(TRACKER_LIMITS.candidateBytes + 1) },
    },
    "signal",
  ],
  ["a short proof", "publish", { descriptor, proof: "ab" }, "proof"],
  [
    "a descriptor without signature",
    "publish",
    { descriptor: { body: "{}" }, proof: "ab".repeat(64) },
    "descriptor.signature",
  ],
  [
    "a stage that is none",
    "viewer-stats",
    { ...VIEWER_STATS, iceFailures: { x: 1 } },
    "iceFailures",
  ],
  ["a stall of years", "viewer-stats", { ...VIEWER_STATS, latencyMs: 1e12 }, "latencyMs"],
  [
    "a report of too many neighbors",
    "peer-report",
    { ...PEER_REPORT, neighbors: [...PEER_REPORT.neighbors, NEIGHBOR] },
    "neighbors",
  ],
  ["a report of no time", "peer-report", { ...PEER_REPORT, spanMs: 0 }, "spanMs"],
  ["negative counts", "publisher-stats", { streamId, chunks: -1, blocks: 0, bytes }, "chunks"],
  [
    "endless counts",
    "publisher-stats",
    { streamId, chunks: 0, blocks: 0, bytes: { ...bytes, copy: Number.POSITIVE_INFINITY } },
    "bytes.copy",
  ],
];

describe("what clients say to the tracker", () => {
  it.each(ACCEPTED)("is accepted: %s %j", (name, message) => {
    expect(parseClientMessage(name, message)).toEqual(message);
  });

  it.each(REFUSED)("is refused with one line that names the field: %s", (_, name, message, at) => {
    const parse = () => parseClientMessage(name, message);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(`${name}: ${at}`);
    expect(parse).not.toThrow(/\n/);
  });

  it("loses fields the protocol does not have", () => {
    const message = { streamId, isAdmin: true };
    expect(parseClientMessage("unpublish", message)).toEqual({ streamId });
  });

  it("never fails in another way, whatever is said", () => {
    const names = fc.constantFrom(...(Object.keys(clientMessageSchemas) as ClientMessageName[]));
    fc.assert(
      fc.property(names, fc.anything(), (name, message) => {
        try {
          parseClientMessage(name, message);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
    );
  });

  it("fits the tracker's limit on one message, descriptor and offer alike", () => {
    const largestBody = "x".repeat(15 * 1024);
    const publish = { descriptor: { ...descriptor, body: largestBody }, proof: "ab".repeat(64) };
    const relay = { to: peerId, signal: { ...offer, sdp: "x".repeat(TRACKER_LIMITS.sdpBytes) } };
    for (const message of [publish, relay]) {
      expect(JSON.stringify(message).length).toBeLessThan(TRACKER_LIMITS.messageBytes);
    }
  });
});

describe("what the tracker says", () => {
  const peer = { peerId, role: "viewer" };
  const membership = "ab".repeat(81);

  it("is accepted when it is what it should be", () => {
    expect(trackerMessageSchemas.introduce.safeParse({ peers: [peer] }).success).toBe(true);
    expect(trackerMessageSchemas.relay.safeParse({ from: peer, signal: offer }).success).toBe(true);
    expect(trackerMessageSchemas.descriptor.safeParse({ descriptor }).success).toBe(true);
    expect(announceReplySchema.safeParse(announceReply()).success).toBe(true);
    expect(findPeersReplySchema.safeParse({ ok: true, peers: [peer], membership }).success).toBe(
      true,
    );
  });

  it("may come from a tracker that signs no records", () => {
    const { membership: _record, membershipKey: _key, ...older } = announceReply();
    expect(announceReplySchema.safeParse(older).success).toBe(true);
    expect(findPeersReplySchema.safeParse({ ok: true, peers: [] }).success).toBe(true);
  });

  it.each([
    ["more peers than were asked for", { peers: new Array(17).fill(peer) }],
    ["a peer id that is none", { peers: [{ ...peer, peerId: "x" }] }],
    ["nine ICE servers", { iceServers: new Array(9).fill({ urls: "stun:example" }) }],
    ["no descriptor", { descriptor: undefined }],
    ["a clock that is no number", { serverTimeMs: Number.NaN }],
    ["a refusal", { ok: false }],
    ["a record of 80 bytes", { membership: "00".repeat(80) }],
    ["a record that is no hexadecimal", { membership: "zz".repeat(81) }],
    ["a key that is no uncompressed point", { membershipKey: "02".repeat(65) }],
  ])("is refused with %s", (_, change) => {
    expect(announceReplySchema.safeParse({ ...announceReply(), ...change }).success).toBe(false);
  });

  function announceReply() {
    return {
      ok: true,
      descriptor,
      peers: [peer, { peerId, role: "seeder" }],
      iceServers: [{ urls: ["stun:example"] }, { urls: "turn:x", username: "u", credential: "c" }],
      viewers: 2,
      serverTimeMs: 1_800_000_000_000,
      membership,
      membershipKey: `04${"ab".repeat(64)}`,
    };
  }
});
