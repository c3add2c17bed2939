import { beforeEach, describe, expect, it } from "vitest";
import {
  type Block,
  PEER_PROTOCOL_VERSION,
  type PeerId,
  type PeerMessage,
  type StreamDescriptor,
} from "#protocol";
import type { MeshAction, MeshEvent } from "./events.ts";
import { MeshEngine } from "./mesh-engine.ts";
import { DEFAULT_MESH_OPTIONS, type MeshOptions } from "./options.ts";
import {
  forged,
  seededRandom,
  TEST_STREAM_ID,
  testBlocks,
  testDescriptor,
  testPeerId,
} from "./testing/index.ts";

const alice = testPeerId("alice");
const bert = testPeerId("bert");
const seeder = testPeerId("seeder");

function viewer(
  options: Partial<MeshOptions> = {},
  canConnect = true,
  descriptor = testDescriptor(),
): MeshEngine {
  return new MeshEngine({
    self: testPeerId("me"),
    role: "viewer",
    descriptor,
    signedDescriptor: { body: new Uint8Array([1]), signature: new Uint8Array(64) },
    random: seededRandom(1),
    canConnect,
    options,
  });
}

function dial(peer: PeerId): MeshAction {
  return { type: "connect", peer };
}

/** Engine and clock of one test; `feed` returns what the engine wants done. */
class Rig {
  nowMs = 1000;
  readonly engine: MeshEngine;

  constructor(engine: MeshEngine) {
    this.engine = engine;
  }

  feed(event: MeshEvent, afterMs = 0): MeshAction[] {
    this.nowMs += afterMs;
    return this.engine.step(event, this.nowMs);
  }

  message(from: PeerId, message: PeerMessage, afterMs = 0): MeshAction[] {
    return this.feed({ type: "message-received", from, message, sizeBytes: 100 }, afterMs);
  }

  connect(peerId: PeerId, role: "viewer" | "seeder" = "viewer"): MeshAction[] {
    const actions = this.feed({
      type: "neighbor-connected",
      peer: { peerId, role },
      isDialed: true,
    });
    const uploadBps = 10_000_000;
    return [
      ...actions,
      ...this.message(peerId, {
        type: "hello",
        version: PEER_PROTOCOL_VERSION,
        streamId: TEST_STREAM_ID,
        descriptorRevision: 1,
        uploadBps,
      }),
    ];
  }

  /** Wake the engine as often as it asks, until a time. */
  runUntil(atMs: number): MeshAction[] {
    const actions: MeshAction[] = [];
    while (this.engine.wakeAtMs <= atMs) {
      this.nowMs = Math.max(this.nowMs, this.engine.wakeAtMs);
      actions.push(...this.feed({ type: "tick" }));
    }
    this.nowMs = atMs;
    return actions;
  }
}

function sentTo(peer: PeerId, actions: MeshAction[]): PeerMessage[] {
  return actions.flatMap((action) =>
    action.type === "send" && action.to === peer ? [action.message] : [],
  );
}

function block(sequence: number, nowMs: number): Block {
  const [first] = testBlocks({
    track: 0,
    sequence,
    sourceTimeMs: Math.floor(nowMs) - 250,
    sizeBytes: 9000,
  });
  if (first === undefined) throw new Error("a block expected");
  return first;
}

/** A rig whose stripe of `sequence` is fed by alice. */
function fedBy(parent: PeerId, sequence: number, options: Partial<MeshOptions> = {}): Rig {
  const rig = new Rig(viewer(options));
  rig.connect(parent);
  const lagsMs = new Array(9).fill(250);
  rig.message(parent, { type: "have", lagsMs, chunks: [] });
  rig.runUntil(rig.nowMs + 400);
  rig.message(parent, { type: "accept", track: 0, stripe: sequence % 8, route: [] });
  return rig;
}

describe("a viewer and its neighbors", () => {
  it("dials the peers it is told of, once each, and itself never", () => {
    const rig = new Rig(viewer());
    const peers = [alice, bert, testPeerId("me")].map((peerId) => ({
      peerId,
      role: "viewer" as const,
    }));
    const actions = rig.feed({ type: "peers-introduced", peers });
    expect(actions).toEqual([
      { type: "connect", peer: alice },
      { type: "connect", peer: bert },
    ]);
    expect(rig.feed({ type: "peers-introduced", peers })).toEqual([]);
  });

  it("greets with its version, stream and buffer map", () => {
    const rig = new Rig(viewer());
    const types = sentTo(alice, rig.connect(alice)).map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(["hello", "have"]);
  });

  it.each([
    ["wrong-version", { version: 9, streamId: TEST_STREAM_ID }],
    [
      "wrong-stream",
      { version: PEER_PROTOCOL_VERSION, streamId: "b".repeat(32) as typeof TEST_STREAM_ID },
    ],
  ] as const)("parts from a peer of the %s", (reason, hello) => {
    const rig = new Rig(viewer());
    rig.feed({
      type: "neighbor-connected",
      peer: { peerId: alice, role: "viewer" },
      isDialed: true,
    });
    const rest = { descriptorRevision: 1, uploadBps: 0 };
    const actions = rig.message(alice, { type: "hello", ...hello, ...rest });
    expect(actions).toContainEqual({ type: "disconnect", peer: alice, reason });
  });

  it("sends a neighbor with an older descriptor the newer one", () => {
    const rig = new Rig(viewer());
    rig.connect(alice);
    const actions = rig.message(alice, {
      type: "hello",
      version: PEER_PROTOCOL_VERSION,
      streamId: TEST_STREAM_ID,
      descriptorRevision: 0,
      uploadBps: 0,
    });
    expect(sentTo(alice, actions)).toContainEqual(expect.objectContaining({ type: "descriptor" }));
  });

  it("refuses links above its high degree, but never the seeder's", () => {
    const rig = new Rig(viewer({ degreeHigh: 1 }));
    rig.connect(alice);
    const actions = rig.connect(bert);
    expect(actions).toContainEqual({
      type: "disconnect",
      peer: bert,
      reason: "too-many-neighbors",
    });
    rig.connect(seeder, "seeder");
    expect(rig.engine.stats().neighbors.map(({ peer }) => peer)).toEqual([alice, seeder]);
  });

  it("asks a silent neighbor for a sign of life and drops it after two seconds, not before", () => {
    const rig = new Rig(viewer());
    const connected = rig.connect(alice);
    const connectedAtMs = rig.nowMs;
    const before = rig.runUntil(connectedAtMs + 1999);
    expect(sentTo(alice, [...connected, ...before]).some(({ type }) => type === "ping")).toBe(true);
    expect(rig.engine.stats().neighbors).toHaveLength(1);
    rig.runUntil(connectedAtMs + 2600);
    expect(rig.engine.stats().neighbors).toHaveLength(0);
  });

  it("does not take its own sleep for the death of others", () => {
    const rig = new Rig(viewer());
    rig.connect(alice);
    rig.feed({ type: "tick" }, 30_000);
    expect(rig.engine.stats().neighbors).toHaveLength(1);
  });

  it("measures the round trip by pings", () => {
    const rig = new Rig(viewer());
    const ping = sentTo(alice, rig.connect(alice)).find(({ type }) => type === "ping");
    if (ping?.type !== "ping") throw new Error("a ping expected");
    rig.message(alice, { type: "pong", token: ping.token }, 40);
    expect(rig.engine.stats().neighbors[0]?.rttMs).toBe(40);
  });

  it("says goodbye to everybody when it leaves, and then nothing more", () => {
    const rig = new Rig(viewer());
    rig.connect(alice);
    const actions = rig.feed({ type: "leave" });
    expect(sentTo(alice, actions)).toEqual([{ type: "bye", reason: "leaving" }]);
    expect(rig.feed({ type: "tick" }, 100)).toEqual([]);
    expect(rig.engine.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a viewer and hostile blocks", () => {
  let rig: Rig;
  beforeEach(() => {
    rig = fedBy(alice, 8);
  });
  const push = (from: PeerId, pushed: Block) => rig.message(from, { type: "block", block: pushed });

  it("verifies a pushed block of a stripe it subscribed to, and delivers what is genuine", () => {
    const pushed = block(8, rig.nowMs);
    expect(push(alice, pushed)).toContainEqual({ type: "verify", from: alice, block: pushed });
    const event = { type: "block-verified", from: alice, block: pushed, isValid: true } as const;
    expect(rig.feed(event)).toContainEqual(
      expect.objectContaining({ type: "deliver", chunk: expect.objectContaining({ sequence: 8 }) }),
    );
  });

  it("never verifies, keeps or relays a block nobody asked for", () => {
    rig.connect(bert);
    const actions = push(bert, block(8, rig.nowMs));
    expect(actions.filter(({ type }) => type === "verify" || type === "deliver")).toEqual([]);
    expect(rig.engine.stats().blocks).toMatchObject({ received: 0, rejected: 1 });
  });

  it("is not fooled by an accept it never asked for", () => {
    rig.connect(bert);
    rig.message(bert, { type: "accept", track: 0, stripe: 0, route: [] });
    push(bert, block(8, rig.nowMs));
    expect(rig.engine.stats().blocks).toMatchObject({ received: 0, rejected: 1 });
  });

  it("excuses what a parent pushed before it knew that it was left, and tells it again", () => {
    rig.message(alice, { type: "refuse", track: 0, stripe: 0, reason: "full", alternatives: [] });
    rig.message(alice, {
      type: "route",
      track: 0,
      stripe: 0,
      route: [testPeerId("me")],
    });
    push(alice, block(8, rig.nowMs));
    expect(rig.engine.stats().blocks.rejected).toBe(0);
    rig.nowMs += 6500;
    const actions = push(alice, block(16, rig.nowMs));
    expect(sentTo(alice, actions)).toContainEqual({ type: "unsubscribe", track: 0, stripe: 0 });
    expect(rig.engine.stats().blocks.rejected).toBe(0);
  });

  it("takes old blocks after its own sleep for what waited, not for replays", () => {
    rig.feed({ type: "clock-adjusted", sourceOffsetMs: 100_000 });
    const waiting = block(8, rig.nowMs + 100_000);
    rig.nowMs += 60_000;
    push(alice, waiting);
    expect(rig.engine.stats().blocks.rejected).toBe(0);
  });

  it("refuses a genuine block from the past", () => {
    rig.feed({ type: "clock-adjusted", sourceOffsetMs: 100_000 });
    const actions = push(alice, block(8, rig.nowMs + 100_000 - 60_000));
    expect(actions.filter(({ type }) => type === "verify")).toEqual([]);
    expect(rig.engine.stats().blocks.rejected).toBe(1);
  });

  it("drops a neighbor with the third bad block, not the second, and never dials it again", () => {
    for (const count of [1, 2, 3]) {
      const bad = forged(block(8 * count, rig.nowMs));
      push(alice, bad);
      const event = { type: "block-verified", from: alice, block: bad, isValid: false } as const;
      const actions = rig.feed(event);
      const isDropped = actions.some(({ type }) => type === "disconnect");
      expect([count, isDropped]).toEqual([count, count === 3]);
    }
    expect(rig.engine.stats().blocks).toMatchObject({ received: 0, rejected: 3 });
    const peers = [{ peerId: alice, role: "viewer" as const }];
    expect(rig.feed({ type: "peers-introduced", peers })).toEqual([]);
  });

  it("reports to the tracker who sent it what the publisher did not sign, and nobody else", () => {
    const reports = (actions: MeshAction[]) => actions.filter(({ type }) => type === "report");
    const lies = [1, 2, 3].flatMap((count) => {
      const bad = forged(block(8 * count, rig.nowMs));
      push(alice, bad);
      return rig.feed({ type: "block-verified", from: alice, block: bad, isValid: false });
    });
    expect(reports(lies)).toEqual([{ type: "report", peer: alice }]);
    rig.connect(bert);
    const bad = { type: "bad-message", from: bert, sizeBytes: 10 } as const;
    const noise = [1, 2, 3].flatMap(() => rig.feed(bad));
    expect(noise).toContainEqual({ type: "disconnect", peer: bert, reason: "bad-blocks" });
    expect(reports(noise)).toEqual([]);
  });

  // Overloaded machines send old blocks; when everybody had banned everybody the mesh was gone.
  it("drops a neighbor with the third old block, but lets it come back", () => {
    rig.feed({ type: "clock-adjusted", sourceOffsetMs: 100_000 });
    for (const count of [1, 2, 3]) {
      const actions = push(alice, block(8 * count, rig.nowMs + 100_000 - 60_000));
      const isDropped = actions.some(({ type }) => type === "disconnect");
      expect([count, isDropped]).toEqual([count, count === 3]);
    }
    expect(rig.engine.stats().blocks).toMatchObject({ received: 0, rejected: 3 });
    const peers = [{ peerId: alice, role: "viewer" as const }];
    expect(rig.feed({ type: "peers-introduced", peers }, 9999)).not.toContainEqual(dial(alice));
    expect(rig.feed({ type: "peers-introduced", peers }, 1)).toContainEqual(dial(alice));
  });

  it("blames nobody for old blocks while its own steps come late again and again", () => {
    rig.feed({ type: "clock-adjusted", sourceOffsetMs: 100_000 });
    for (const lateMs of [300, 300]) {
      rig.nowMs = rig.engine.wakeAtMs;
      rig.feed({ type: "tick" }, lateMs);
    }
    push(alice, block(8, rig.nowMs + 100_000 - 60_000));
    expect(rig.engine.stats().blocks.rejected).toBe(0);
  });

  it("counts messages that cannot be read like bad blocks", () => {
    for (let i = 0; i < 3; i++) rig.feed({ type: "bad-message", from: alice, sizeBytes: 10 });
    expect(rig.engine.stats().neighbors).toEqual([]);
    expect(rig.engine.stats().blocks.rejected).toBe(3);
  });

  it("verifies no more at a time from one neighbor than its bound", () => {
    let verifications = 0;
    for (let i = 1; i <= 300; i++) {
      const actions = push(alice, block(8 * i, rig.nowMs));
      verifications += actions.filter(({ type }) => type === "verify").length;
    }
    expect(verifications).toBe(128);
  });
});

describe("a viewer that misses a block", () => {
  it("asks a holder when the block is overdue", () => {
    const rig = fedBy(alice, 8);
    rig.connect(bert);
    const chunks = [{ track: 0, sequence: 8, has: [true] }];
    const heard = rig.message(bert, { type: "have", lagsMs: [], chunks });
    expect(sentTo(bert, heard).some(({ type }) => type === "request")).toBe(false);
    const later = rig.runUntil(rig.nowMs + DEFAULT_MESH_OPTIONS.repairSlackMs + 20);
    expect(sentTo(bert, later)).toContainEqual({
      type: "request",
      track: 0,
      sequence: 8,
      indexes: [0],
    });
  });

  it("cancels the request when the block comes by push after all", () => {
    const rig = fedBy(alice, 8);
    rig.connect(bert);
    const chunks = [{ track: 0, sequence: 8, has: [true] }];
    rig.message(bert, { type: "have", lagsMs: [], chunks });
    rig.runUntil(rig.nowMs + 200);
    const pushed = block(8, rig.nowMs);
    rig.message(alice, { type: "block", block: pushed });
    const event = { type: "block-verified", from: alice, block: pushed, isValid: true } as const;
    expect(sentTo(bert, rig.feed(event))).toContainEqual({
      type: "cancel",
      track: 0,
      sequence: 8,
      index: 0,
    });
  });

  it("blames nobody who answers twice when it was asked twice", () => {
    const rig = new Rig(viewer());
    rig.connect(bert);
    rig.message(bert, {
      type: "have",
      lagsMs: [],
      chunks: [{ track: 0, sequence: 8, has: [true] }],
    });
    const asked = rig.runUntil(rig.nowMs + 2 * DEFAULT_MESH_OPTIONS.requestTimeoutMs + 200);
    const requests = sentTo(bert, asked).filter(({ type }) => type === "request");
    expect(requests.length).toBeGreaterThan(1);
    const late = block(8, rig.nowMs);
    for (const _ of requests) rig.message(bert, { type: "block", block: late });
    expect(rig.engine.stats().blocks.rejected).toBe(0);
    rig.message(bert, { type: "block", block: late });
    rig.message(bert, { type: "block", block: late });
    expect(rig.engine.stats().blocks.rejected).toBeGreaterThan(0);
  });

  it("asks the next holder when the first denies", () => {
    const rig = new Rig(viewer());
    const carol = testPeerId("carol");
    for (const peer of [bert, carol]) rig.connect(peer);
    const chunks = () => [{ track: 0, sequence: 8, has: [true] }];
    const asked = [bert, carol].flatMap((peer) => {
      const actions = rig.message(peer, { type: "have", lagsMs: [], chunks: chunks() });
      return [...actions, ...rig.runUntil(rig.nowMs + DEFAULT_MESH_OPTIONS.repairSlackMs + 20)];
    });
    const isAsked = (peer: PeerId, actions: MeshAction[]) =>
      sentTo(peer, actions).some(({ type }) => type === "request");
    expect([isAsked(bert, asked), isAsked(carol, asked)]).toEqual([true, false]);
    const deny = { track: 0, sequence: 8, index: 0, reason: "not-held" } as const;
    const next = [...rig.message(bert, { type: "deny", ...deny }), ...rig.runUntil(rig.nowMs + 60)];
    expect([isAsked(bert, next), isAsked(carol, next)]).toEqual([false, true]);
  });

  it("takes a denial of a block that was never claimed for nothing", () => {
    const rig = new Rig(viewer());
    rig.connect(bert);
    const chunks = [{ track: 0, sequence: 8, has: [true] }];
    rig.message(bert, { type: "have", lagsMs: [], chunks });
    rig.runUntil(rig.nowMs + 200);
    const deny = { type: "deny", track: 0, sequence: 8, reason: "not-held" } as const;
    for (const index of [1, 1000, 0]) rig.message(bert, { ...deny, index });
    expect(rig.engine.stats().neighbors).toHaveLength(1);
  });

  it("turns to the origin shortly before the deadline, within its budget", () => {
    const rig = new Rig(viewer());
    rig.connect(alice);
    const joined = testBlocks({ track: 0, sequence: 7, sourceTimeMs: 600, sizeBytes: 9000 });
    rig.feed({ type: "join-received", blocks: joined });
    for (const each of joined) {
      rig.feed({ type: "block-verified", from: "origin", block: each, isValid: true });
    }
    rig.feed({ type: "playback", playheadSourceMs: rig.nowMs - 1000 });
    // Chunk 8 was made at 800; with a latency of 1 s it is on screen at 1800.
    rig.message(alice, {
      type: "have",
      lagsMs: [],
      chunks: [{ track: 0, sequence: 8, has: [false] }],
    });
    const isFetch = ({ type }: MeshAction) => type === "fetch";
    expect(rig.runUntil(1800 - DEFAULT_MESH_OPTIONS.rescueAheadMs - 1).some(isFetch)).toBe(false);
    expect(rig.runUntil(1800)).toContainEqual({ type: "fetch", track: 0, sequence: 8 });
  });
});

describe("a join response", () => {
  const join = (rig: Rig, sequence: number) => {
    const sourceTimeMs = 600 + (sequence - 7) * 200;
    const blocks = testBlocks({ track: 0, sequence, sourceTimeMs, sizeBytes: 900 });
    const actions = rig.feed({ type: "join-received", blocks });
    for (const block of blocks) {
      actions.push(...rig.feed({ type: "block-verified", from: "origin", block, isValid: true }));
    }
    return [...actions, ...rig.runUntil(rig.nowMs + 50)];
  };
  const fetched = (actions: MeshAction[]) =>
    actions.flatMap((action) => (action.type === "fetch" ? [action.sequence] : []));

  it("that comes to a viewer under way leaves no hole behind what it has", () => {
    const rig = new Rig(viewer({}, false));
    const actions = join(rig, 7);
    rig.feed({ type: "playback", playheadSourceMs: rig.nowMs - 1000 });
    actions.push(...join(rig, 10), ...rig.runUntil(2200));
    expect(fetched(actions)).toEqual(expect.arrayContaining([8, 9]));
  });

  it("that comes after the first pushes begins before them, and leaves no hole between", () => {
    const rig = new Rig(viewer({}, false));
    join(rig, 11);
    rig.feed({ type: "playback", playheadSourceMs: rig.nowMs - 1000 });
    const actions = [...join(rig, 8), ...rig.runUntil(2200)];
    expect(fetched(actions)).toEqual(expect.arrayContaining([9, 10]));
  });

  it("that comes after a long sleep is a new beginning", () => {
    const rig = new Rig(viewer({}, false));
    join(rig, 7);
    const actions = [...join(rig, 1000), ...rig.runUntil(2200)];
    expect(fetched(actions).filter((sequence) => sequence < 1000)).toEqual([]);
  });
});

describe("a viewer without a mesh", () => {
  const started: MeshAction[] = [];
  const start = (canConnect: boolean) => {
    started.length = 0;
    const rig = new Rig(viewer({}, canConnect));
    const joined = testBlocks({ track: 0, sequence: 7, sourceTimeMs: 600, sizeBytes: 9000 });
    rig.feed({ type: "join-received", blocks: joined });
    for (const each of joined) {
      const event = { type: "block-verified", from: "origin", block: each, isValid: true } as const;
      started.push(...rig.feed(event));
    }
    return rig;
  };
  const fetches = (actions: MeshAction[]) =>
    actions.flatMap((action) => (action.type === "fetch" ? [action.sequence] : []));

  it("takes chunk after chunk from the origin, each when it is about to be made", () => {
    const rig = start(false);
    expect(fetches([...started, ...rig.runUntil(1200)])).toEqual([8, 9]);
  });

  it("gives connections a second first, where there can be any", () => {
    const rig = start(true);
    expect(fetches(rig.runUntil(1900))).toEqual([]);
    expect(fetches(rig.runUntil(2400))).not.toEqual([]);
  });

  it("joins anew when the origin does not know the chunks it expects", () => {
    const rig = start(false);
    const joins: MeshAction[] = [];
    for (let i = 0; i < 6; i++) {
      for (const action of rig.runUntil(rig.nowMs + 2000)) {
        if (action.type !== "fetch") continue;
        const { track, sequence } = action;
        joins.push(...rig.feed({ type: "fetch-failed", track, sequence }));
      }
    }
    expect(joins).toContainEqual({ type: "join" });
  });
});

describe("a track that comes later", () => {
  const [video, audio] = testDescriptor().tracks;
  const videoOnly = testDescriptor({ tracks: video === undefined ? [] : [video] });
  const withAudio = testDescriptor({ revision: 2 });
  const update = (descriptor: StreamDescriptor) =>
    ({
      type: "descriptor-updated",
      descriptor,
      signed: { body: new Uint8Array([2]), signature: new Uint8Array(64) },
    }) as const;

  it("is subscribed to by those who had none of its kind", () => {
    expect(audio?.stripes).toBe(1);
    for (const first of [testDescriptor({ tracks: [] }), videoOnly]) {
      const rig = new Rig(viewer({}, true, first));
      rig.connect(seeder, "seeder");
      rig.runUntil(rig.nowMs + 500);
      const actions = [...rig.feed(update(withAudio)), ...rig.runUntil(rig.nowMs + 100)];
      expect(sentTo(seeder, actions)).toContainEqual(
        expect.objectContaining({ type: "subscribe", track: 1, stripe: 0 }),
      );
    }
  });

  it("is joined anew by those who play over the origin alone", () => {
    const rig = new Rig(viewer({}, false, videoOnly));
    const joined = testBlocks({ track: 0, sequence: 7, sourceTimeMs: 600, sizeBytes: 9000 });
    rig.feed({ type: "join-received", blocks: joined });
    for (const each of joined) {
      rig.feed({ type: "block-verified", from: "origin", block: each, isValid: true });
    }
    const actions = [...rig.feed(update(withAudio)), ...rig.runUntil(rig.nowMs + 100)];
    expect(actions).toContainEqual({ type: "join" });
  });
});

describe("a newer descriptor", () => {
  const signed = { body: new Uint8Array([2]), signature: new Uint8Array(64) };
  const joinsAfter = (rig: Rig, changes: Partial<StreamDescriptor>) =>
    rig
      .feed({ type: "descriptor-updated", descriptor: testDescriptor(changes), signed })
      .filter(({ type }) => type === "join");

  it("makes a viewer join anew at once when the publisher started again, once it is live", () => {
    const rig = new Rig(viewer());
    expect(joinsAfter(rig, { revision: 2 })).toEqual([]);
    expect(joinsAfter(rig, { revision: 3, startedAtMs: 9000, isLive: false })).toEqual([]);
    expect(joinsAfter(rig, { revision: 4, startedAtMs: 9000 })).toEqual([{ type: "join" }]);
    expect(joinsAfter(rig, { revision: 5, startedAtMs: 9000 })).toEqual([]);
  });

  it("does not make a viewer join anew when an encoder went and came back", () => {
    const rig = new Rig(viewer());
    expect(joinsAfter(rig, { revision: 2, isLive: false })).toEqual([]);
    expect(joinsAfter(rig, { revision: 3 })).toEqual([]);
  });

  it("does nothing when it is an older one", () => {
    const rig = new Rig(viewer());
    expect(joinsAfter(rig, { revision: 1, startedAtMs: 9000 })).toEqual([]);
  });

  it("makes a viewer that came before the encoder join when it is there", () => {
    const rig = new Rig(viewer({}, true, testDescriptor({ isLive: false })));
    expect(joinsAfter(rig, { revision: 2 })).toEqual([{ type: "join" }]);
  });
});

it("refuses a stream whose scheduler it does not have, and names those it has", () => {
  const config = {
    self: alice,
    role: "viewer" as const,
    signedDescriptor: { body: new Uint8Array(0), signature: new Uint8Array(64) },
    random: Math.random,
  };
  const descriptor = testDescriptor({ scheduler: "telepathy" });
  expect(() => new MeshEngine({ ...config, descriptor })).toThrow(/"telepathy".*striped-push/);
});

it("keeps to other options as soon as it is tuned, and to its own when that is over", () => {
  const rig = new Rig(viewer({ uploadLimitBps: 800_000 }));
  const budgetBps = () => rig.engine.stats().uplink.budgetBps;
  const before = budgetBps();
  rig.feed({ type: "tuned", options: { uploadLimitBps: 10_000 } });
  expect(budgetBps()).toBe(10_000);
  rig.feed({ type: "tuned", options: { pushShare: 0.7 } });
  expect(budgetBps()).toBe(before);
});
