import { afterEach, beforeEach, expect, it } from "vitest";
import { encodeSignedRecord, type PeerRecord, type Signal, toHex } from "#protocol";
import { newPeerId } from "../peer-id.ts";
import { ScriptedTracker } from "../testing/scripted-tracker.ts";
import { TestMembers } from "../testing/test-members.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { TrackerClient, type TrackerClientOptions, type TrackerState } from "./index.ts";

const publisher = new TestPublisher();
const signed = publisher.signed();
const self = newPeerId();
const other: PeerRecord = { peerId: newPeerId(), role: "seeder" };
const signal: Signal = { type: "offer", sdp: "v=0" };
const announced = {
  ok: true,
  descriptor: signed,
  peers: [other, { peerId: self, role: "viewer" }],
  iceServers: [{ urls: "stun:stun.example.org" }],
  viewers: 3,
  serverTimeMs: 1_000_000,
};

let tracker: ScriptedTracker;
let client: TrackerClient;
let log: unknown[];
let waiting: Set<() => void>;

beforeEach(async () => {
  tracker = new ScriptedTracker();
  await tracker.start();
  tracker.scripts = {
    announce: () => announced,
    clock: () => ({ ok: true, serverTimeMs: 1_000_000 }),
    relay: () => ({ ok: true }),
    publish: () => ({ ok: true, serverTimeMs: 1_000_000 }),
  };
  log = [];
  waiting = new Set();
});

afterEach(async () => {
  client.close();
  await tracker.stop();
});

function connect(options: Partial<TrackerClientOptions> = {}): void {
  client = new TrackerClient({
    url: tracker.url,
    streamId: publisher.streamId,
    peerId: self,
    role: "viewer",
    retryMs: { min: 5, max: 20 },
    replyTimeoutMs: 1500,
    ...options,
  });
  const note = (entry: unknown) => {
    log.push(entry);
    for (const look of waiting) look();
  };
  client.subscribe({
    onState: note,
    onAnnounced: ({ peers, descriptor, viewers }) => note({ peers, descriptor, viewers }),
    onPublished: () => note("published"),
    onIntroduced: (peers) => note({ introduced: peers }),
    onRelay: (from, what) => note({ from, what }),
    onDescriptor: (descriptor) => note({ descriptor }),
    onMembership: ({ record, key }) => note({ member: record, key }),
    onRefused: (what, { code }) => note({ refused: what, code }),
  });
  client.start();
}

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!condition()) return;
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
    look();
  });
}

const untilState = (state: TrackerState) => until(() => client.state === state);
const logged = (entry: unknown) => log.some((one) => JSON.stringify(one) === JSON.stringify(entry));

it("announces and learns of the others, the ICE servers and the time", async () => {
  connect({ want: 5, clock: { ...fixedClock, nowMs: () => 400 } });
  await untilState("online");
  expect(log).toEqual(["online", { peers: [other], descriptor: signed, viewers: 3 }]);
  expect(tracker.last("announce")?.message).toEqual({
    streamId: publisher.streamId,
    peerId: self,
    role: "viewer",
    want: 5,
  });
  expect(client.iceServers).toEqual([{ urls: "stun:stun.example.org" }]);
  expect(client.clockOffsetMs).toBe(1_000_000 - 400);
});

it("says that it waits while the tracker does not know the stream, and goes online later", async () => {
  tracker.scripts.announce = () =>
    tracker.count("announce") < 3 ? { ok: false, code: "unknown-stream", message: "" } : announced;
  connect();
  await untilState("online");
  expect(log.filter((entry) => typeof entry === "string")).toEqual([
    "waiting-for-stream",
    "online",
  ]);
  expect(tracker.count("announce")).toBe(3);
});

it("needs no tracker at the start", async () => {
  await tracker.stop();
  connect();
  await untilState("offline");
  await tracker.start();
  await untilState("online");
});

it("announces again, under the same peer id, when the tracker was restarted", async () => {
  connect();
  await untilState("online");
  await tracker.stop();
  await untilState("offline");
  await tracker.start();
  await untilState("online");
  const announces = tracker.heard.filter(({ name }) => name === "announce");
  expect(announces).toHaveLength(2);
  expect(announces[1]?.message).toEqual(announces[0]?.message);
});

it("comes back when the tracker disconnects it", async () => {
  connect();
  await untilState("online");
  for (const socket of tracker.sockets()) socket.disconnect();
  await until(() => log.filter((entry) => entry === "online").length === 2);
});

it("tries again when its peer id is still taken by its former connection", async () => {
  tracker.scripts.announce = () =>
    tracker.count("announce") < 2 ? { ok: false, code: "peer-id-taken", message: "" } : announced;
  connect();
  await untilState("online");
  expect(logged({ refused: "announce", code: "peer-id-taken" })).toBe(true);
});

it("does not believe an answer that is not what the protocol says", async () => {
  const wrong: unknown[] = [
    "yes",
    { ok: true },
    { ...announced, peers: [{ peerId: "BAD", role: "viewer" }] },
    { ...announced, viewers: -1 },
    { ok: false, code: "because", message: "" },
  ];
  tracker.scripts.announce = () => wrong[tracker.count("announce") - 1] ?? announced;
  connect();
  await untilState("online");
  expect(log.filter((entry) => JSON.stringify(entry).includes("bad-answer"))).toHaveLength(5);
});

it("asks again when the tracker does not answer in time", async () => {
  tracker.scripts.announce = () => (tracker.count("announce") < 2 ? undefined : announced);
  connect({ replyTimeoutMs: 20 });
  await untilState("online");
  expect(logged({ refused: "announce", code: "no-answer" })).toBe(true);
});

it("passes on what the tracker says unasked, and drops what is malformed", async () => {
  connect();
  await untilState("online");
  const [socket] = tracker.sockets();
  socket?.emit("introduce", { peers: "all" });
  socket?.emit("relay", { from: other, signal: { type: "offer", sdp: 7 } });
  socket?.emit("descriptor", { descriptor: { body: signed.body, signature: "zz" } });
  log.length = 0;
  socket?.emit("introduce", { peers: [other, { peerId: self, role: "viewer" }] });
  socket?.emit("relay", { from: other, signal });
  socket?.emit("descriptor", { descriptor: signed });
  await until(() => log.length >= 3);
  expect(log).toEqual([
    { introduced: [other] },
    { from: other, what: signal },
    { descriptor: signed },
  ]);
});

it("relays, and says whether the tracker passed it on", async () => {
  connect();
  expect(await client.relay(other.peerId, signal)).toBe(false);
  await untilState("online");
  expect(await client.relay(other.peerId, signal)).toBe(true);
  expect(tracker.last("relay")?.message).toEqual({ to: other.peerId, signal });
  tracker.scripts.relay = () => ({ ok: false, code: "not-allowed", message: "gone" });
  expect(await client.relay(other.peerId, signal)).toBe(false);
});

it("finds more peers, without itself, and none when the tracker refuses", async () => {
  connect();
  await untilState("online");
  tracker.scripts["find-peers"] = () => ({ ok: true, peers: announced.peers, viewers: 3 });
  expect(await client.findPeers(4)).toEqual([other]);
  expect(tracker.last("find-peers")?.message).toEqual({ want: 4 });
  tracker.scripts["find-peers"] = () => ({ ok: false, code: "too-many", message: "" });
  expect(await client.findPeers(4)).toEqual([]);
});

const members = new TestMembers(publisher.streamId);
/** The tracker's word, good until `expiresAtMs` of its clock. */
function signedMember(expiresAtMs: number, peerId = self) {
  const record = members.record({ peerId, role: "viewer" }, expiresAtMs);
  return { record, membership: toHex(encodeSignedRecord(record)) };
}

it("tells of its membership, and has it renewed when half of its life is over", async () => {
  const clock = new VirtualClock();
  const { record, membership } = signedMember(1_600_000);
  const membershipKey = toHex(members.key);
  tracker.scripts.announce = () => ({ ...announced, membership, membershipKey });
  const renewed = signedMember(1_900_000);
  tracker.scripts["find-peers"] = () => ({
    ok: true,
    peers: [],
    viewers: 3,
    membership: renewed.membership,
  });
  connect({ clock });
  await untilState("online");
  expect(client.membership).toEqual({ key: members.key, record });
  await clock.advance(299_999);
  expect(tracker.count("find-peers")).toBe(0);
  await clock.advance(1);
  await until(() => logged({ member: renewed.record, key: members.key }));
  expect(client.membership?.record).toEqual(renewed.record);
  expect(tracker.count("find-peers")).toBe(1);
});

it("is no member by the word of a tracker that signs nothing, or somebody else's record", async () => {
  const stranger = signedMember(1_600_000, newPeerId());
  tracker.scripts.announce = () =>
    tracker.count("announce") < 2
      ? announced
      : { ...announced, membership: stranger.membership, membershipKey: toHex(members.key) };
  connect();
  await untilState("online");
  expect(client.membership).toBeUndefined();
  for (const socket of tracker.sockets()) socket.disconnect();
  await until(() => log.filter((entry) => entry === "online").length === 2);
  expect(client.membership).toBeUndefined();
});

it("publishes before it announces as a seeder, with a proof over this very connection", async () => {
  const challenges: string[] = [];
  const signProof = (challenge: string) => {
    challenges.push(challenge);
    return publisher.proof(challenge);
  };
  connect({ role: "seeder", signProof });
  await untilState("waiting-for-stream");
  client.publish(signed);
  await untilState("online");
  expect(tracker.heard.map(({ name }) => name).filter((name) => name !== "clock")).toEqual([
    "publish",
    "announce",
  ]);
  expect(tracker.last("publish")).toMatchObject({
    message: { descriptor: signed, proof: expect.stringMatching(/^[0-9a-f]{128}$/) },
  });
  expect(challenges).toEqual(tracker.sockets().map(({ id }) => id));
});

it("publishes again after a reconnect, and again when the descriptor is newer", async () => {
  connect({ role: "seeder", signProof: (challenge) => publisher.proof(challenge) });
  client.publish(signed);
  await untilState("online");
  await tracker.stop();
  await untilState("offline");
  await tracker.start();
  await untilState("online");
  expect(tracker.count("publish")).toBe(2);
  const newer = publisher.signed({ revision: 2 });
  client.publish(newer);
  await tracker.until(() => tracker.count("publish") === 3);
  expect(tracker.last("publish")?.message).toMatchObject({ descriptor: newer });
  expect(tracker.count("announce")).toBe(2);
});

it("publishes anew when the tracker has forgotten the stream", async () => {
  tracker.scripts.announce = () =>
    tracker.count("announce") < 2 ? { ok: false, code: "unknown-stream", message: "" } : announced;
  connect({ role: "seeder", signProof: (challenge) => publisher.proof(challenge) });
  client.publish(signed);
  await untilState("online");
  expect(tracker.count("publish")).toBe(2);
});

it("takes a stream back and says good-bye", async () => {
  connect({ role: "seeder", signProof: (challenge) => publisher.proof(challenge) });
  client.publish(signed);
  await untilState("online");
  client.unpublish();
  client.close();
  await tracker.until(() => tracker.count("leave") === 1 && tracker.sockets().length === 0);
  expect(tracker.last("unpublish")?.message).toEqual({ streamId: publisher.streamId });
});

const fixedClock = {
  nowMs: () => 0,
  wallClockMs: () => 0,
  after: () => () => {},
};
