import { expect, it } from "vitest";
import { type MeshAction, type MeshChunk, MeshEngine } from "#mesh";
import { encodePeerMessage, type PeerMessage, peerIdFromBytes } from "#protocol";
import { type MemoryNetwork, memoryLinks } from "./memory/index.ts";
import type { MeshOrigin, MeshPeerOptions, MeshPeerState } from "./mesh-peer/mesh-peer-options.ts";
import { MeshPeer } from "./mesh-peer.ts";
import { MemoryTracker, type MemoryTrackerClient } from "./testing/memory-tracker.ts";
import { nodeCrypto256 } from "./testing/node-crypto.ts";
import { ScriptedEngine } from "./testing/scripted-engine.ts";
import { TestPublisher } from "./testing/test-publisher.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

const publisher = new TestPublisher();
const id = (n: number) => peerIdFromBytes(new Uint8Array(10).fill(n));
const [ALICE, BOB] = [id(1), id(2)];
const PING: PeerMessage = { type: "ping", token: 7 };

const away: MeshOrigin = {
  join: async () => ({ ok: false, reason: "unreachable" }),
  descriptor: async () => ({ ok: false, reason: "unreachable" }),
  chunkBlocks: async () => ({ ok: false, reason: "unreachable" }),
};

/** A peer whose engine the test scripts. */
class Rig {
  readonly engines: ScriptedEngine[] = [];
  readonly states: MeshPeerState[] = [];
  readonly chunks: MeshChunk[] = [];
  readonly revisions: number[] = [];
  readonly peer: MeshPeer;

  constructor(clock: VirtualClock, options: Partial<MeshPeerOptions>) {
    this.peer = new MeshPeer({
      streamId: publisher.streamId,
      peerId: ALICE,
      crypto: nodeCrypto256,
      clock,
      random: () => 0.5,
      onChunk: (chunk) => this.chunks.push(chunk),
      onDescriptor: ({ revision }) => this.revisions.push(revision),
      onState: (state) => this.states.push(state),
      createEngine: (config) => {
        const engine = new ScriptedEngine(config);
        this.engines.push(engine);
        return engine;
      },
      ...options,
    });
  }

  get engine(): ScriptedEngine {
    const [engine] = this.engines;
    if (engine === undefined) throw new Error("no engine yet");
    return engine;
  }

  /** Make the engine say something, as if on its own accord. */
  act(...actions: MeshAction[]): void {
    this.engine.respond = (event) => (event.type === "playback" ? actions : []);
    this.peer.setPlayhead(0);
    this.engine.respond = () => [];
  }
}

/** A tracker with our stream, a network, and one rig on them. */
async function running(options: Partial<MeshPeerOptions> = {}) {
  const clock = new VirtualClock();
  const tracker = new MemoryTracker();
  tracker.descriptor = publisher.signed();
  const network = memoryLinks({ schedule: clock.schedule });
  const client = tracker.client(ALICE);
  const rig = new Rig(clock, { tracker: client, links: network.factory(ALICE), ...options });
  rig.peer.start();
  await clock.advance(0);
  return { clock, tracker, network, client, rig };
}

async function withNeighbor(options: Partial<MeshPeerOptions> = {}) {
  const town = await running(options);
  const bob = addBob(town);
  await town.clock.advance(0);
  town.rig.act({ type: "connect", peer: BOB });
  await town.clock.advance(10);
  return { ...town, bob };
}

function addBob({
  clock,
  tracker,
  network,
}: {
  clock: VirtualClock;
  tracker: MemoryTracker;
  network: MemoryNetwork;
}): Rig {
  const bob = new Rig(clock, {
    peerId: BOB,
    tracker: tracker.client(BOB),
    links: network.factory(BOB),
  });
  bob.peer.start();
  return bob;
}

it("starts the engine with the tracker's descriptor and tells it the time first", async () => {
  const { rig } = await running();
  expect(rig.engines).toHaveLength(1);
  expect(rig.engine.config).toMatchObject({
    self: ALICE,
    role: "viewer",
    descriptor: publisher.descriptor(),
    canConnect: true,
  });
  expect(rig.engine.events[0]).toEqual({
    type: "clock-adjusted",
    sourceOffsetMs: 1_700_000_000_000,
  });
  expect(rig.peer.state).toMatchObject({ phase: "running", tracker: "online", origin: "none" });
  expect(rig.revisions).toEqual([1]);
});

it("starts the engine with the origin's descriptor when there is no tracker and no WebRTC", async () => {
  const clock = new VirtualClock();
  const blocks = [publisher.block({ sourceTimeMs: clock.wallClockMs() - 300 })];
  const join = async () => ({ ok: true as const, descriptor: publisher.signed(), blocks });
  const rig = new Rig(clock, { origin: { ...away, join } });
  rig.peer.start();
  await clock.advance(0);
  expect(rig.engine.config.canConnect).toBe(false);
  expect(rig.engine.ofType("join-received")).toEqual([{ type: "join-received", blocks }]);
  rig.act({ type: "connect", peer: BOB });
  expect(rig.engine.ofType("connect-failed")).toEqual([{ type: "connect-failed", peer: BOB }]);
  expect(rig.peer.state).toMatchObject({ phase: "running", tracker: "none", origin: "reachable" });
});

it("makes one engine when tracker and origin both answer", async () => {
  const join = async () => ({ ok: true as const, descriptor: publisher.signed(), blocks: [] });
  const { rig } = await running({ origin: { ...away, join } });
  expect(rig.engines).toHaveLength(1);
  expect(rig.engine.ofType("join-received")).toHaveLength(1);
  expect(rig.revisions).toEqual([1]);
});

it("does not use a join response that is not genuine", async () => {
  const clock = new VirtualClock();
  const join = async () => ({
    ok: true as const,
    descriptor: new TestPublisher().signed(),
    blocks: [],
  });
  const rig = new Rig(clock, { origin: { ...away, join } });
  rig.peer.start();
  await clock.advance(10_000);
  expect(rig.engines).toHaveLength(0);
  expect(rig.peer.state.phase).toBe("starting");
});

it("waits for a stream that nobody knows, and joins as soon as the tracker does", async () => {
  const clock = new VirtualClock();
  const tracker = new MemoryTracker();
  const client = tracker.client(ALICE);
  let joins = 0;
  const origin: MeshOrigin = {
    ...away,
    join: async () => {
      joins++;
      if (tracker.descriptor === undefined) return { ok: false, reason: "not-found" };
      return { ok: true, descriptor: tracker.descriptor, blocks: [] };
    },
  };
  const rig = new Rig(clock, { tracker: client, origin });
  rig.peer.start();
  await clock.advance(30_000);
  expect(rig.peer.state.phase).toBe("waiting-for-stream");
  expect(joins).toBeGreaterThan(5);
  tracker.descriptor = publisher.signed();
  const before = joins;
  client.announce();
  await clock.advance(0);
  expect(rig.peer.state.phase).toBe("running");
  expect(joins).toBe(before + 1);
});

it("feeds a tick when the engine wants one, and not a millisecond before", async () => {
  const { clock, rig } = await running();
  rig.engine.wakeAtMs = clock.nowMs() + 100;
  rig.peer.setPlayhead(5);
  const before = rig.engine.steps.length;
  await clock.advance(99);
  expect(rig.engine.steps).toHaveLength(before);
  rig.engine.respond = () => {
    rig.engine.wakeAtMs = Number.POSITIVE_INFINITY;
    return [];
  };
  await clock.advance(1);
  expect(rig.engine.steps.slice(before)).toEqual([
    { event: { type: "tick" }, nowMs: clock.nowMs() },
  ]);
});

it("performs every action of a step before the next step", async () => {
  const order: string[] = [];
  const { rig } = await running({ onChunk: () => order.push("delivered") });
  rig.engine.respond = (event) => {
    order.push(event.type);
    if (event.type !== "playback") return [];
    // Without an origin, a fetch fails at once.
    return [
      { type: "fetch", track: 0, sequence: 1 },
      { type: "deliver", chunk: { sequence: 1 } as MeshChunk },
    ];
  };
  rig.peer.setPlayhead(1);
  expect(order).toEqual(["playback", "delivered", "fetch-failed"]);
});

it("connects two peers and carries their messages", async () => {
  const { clock, rig, bob } = await withNeighbor();
  expect(rig.engine.ofType("neighbor-connected")).toEqual([
    { type: "neighbor-connected", peer: { peerId: BOB, role: "viewer" }, isDialed: true },
  ]);
  expect(bob.engine.ofType("neighbor-connected")).toEqual([
    { type: "neighbor-connected", peer: { peerId: ALICE, role: "viewer" }, isDialed: false },
  ]);
  rig.act({ type: "send", to: BOB, message: PING });
  await clock.advance(1);
  expect(bob.engine.ofType("message-received")).toEqual([
    { type: "message-received", from: ALICE, message: PING, sizeBytes: 5 },
  ]);
});

it("counts bytes that are no message against the neighbor, and skips messages of later versions", async () => {
  const town = await running();
  // Bob is nobody's peer: a link that says what it wants.
  const bob = town.network.factory(BOB);
  const bobClient = town.tracker.client(BOB);
  bobClient.start();
  await town.clock.advance(0);
  let bobLink: ReturnType<typeof bob.create> | undefined;
  bobClient.subscribe({
    onRelay: (from, signal) => {
      bobLink ??= bob.create(from, "answer", {
        onOpen() {
          bobLink?.send(Uint8Array.of(255, 1));
          bobLink?.send(Uint8Array.of(2));
          bobLink?.send(new Uint8Array(0));
          bobLink?.send(encodePeerMessage(PING));
        },
        onMessage() {},
        onDrain() {},
        onClose() {},
        onSignal: (own) => void bobClient.relay(ALICE, own),
      });
      bobLink.signal(signal);
    },
  });
  town.rig.act({ type: "connect", peer: BOB });
  await town.clock.advance(10);
  const { events } = town.rig.engine;
  expect(events.slice(events.findIndex(({ type }) => type === "neighbor-connected") + 1)).toEqual([
    { type: "unknown-message", from: BOB, sizeBytes: 2 },
    { type: "bad-message", from: BOB, sizeBytes: 1 },
    { type: "bad-message", from: BOB, sizeBytes: 0 },
    { type: "message-received", from: BOB, message: PING, sizeBytes: 5 },
  ]);
});

it("keeps its links when the tracker goes away, and can be found again when it is back", async () => {
  const { clock, tracker, rig, bob } = await withNeighbor();
  tracker.goAway();
  expect(rig.peer.state.tracker).toBe("offline");
  rig.act({ type: "send", to: BOB, message: PING }, { type: "find-peers", want: 3 });
  rig.act({ type: "connect", peer: id(3) });
  await clock.advance(10);
  expect(bob.engine.ofType("message-received")).toHaveLength(1);
  expect(rig.engine.ofType("connect-failed")).toEqual([{ type: "connect-failed", peer: id(3) }]);
  expect(rig.engine.ofType("peers-introduced").at(-1)?.peers).toEqual([]);
  tracker.comeBack();
  await clock.advance(0);
  expect(rig.engine.ofType("peers-introduced").at(-1)?.peers).toEqual([
    { peerId: BOB, role: "viewer" },
  ]);
});

it("answers every verification with what it found", async () => {
  const { clock, rig } = await running();
  const good = publisher.block({ sequence: 1 });
  const bad = new TestPublisher().block({ sequence: 2 });
  rig.act(
    { type: "verify", from: BOB, block: good },
    { type: "verify", from: "origin", block: bad },
  );
  await clock.advance(0);
  expect(rig.engine.ofType("block-verified")).toEqual([
    { type: "block-verified", from: BOB, block: good, isValid: true },
    { type: "block-verified", from: "origin", block: bad, isValid: false },
  ]);
});

it("fetches chunks by the track's name, and says when that failed or cannot be", async () => {
  const blocks = [publisher.block({ sequence: 3 })];
  const chunkBlocks: MeshOrigin["chunkBlocks"] = async (trackId, sequence) =>
    trackId === "v0" && sequence === 3 ? { ok: true, blocks } : { ok: false, reason: "not-found" };
  const { clock, rig } = await running({ origin: { ...away, chunkBlocks } });
  rig.act(
    { type: "fetch", track: 0, sequence: 3 },
    { type: "fetch", track: 0, sequence: 4 },
    { type: "fetch", track: 5, sequence: 3 },
  );
  await clock.advance(0);
  expect(rig.engine.ofType("chunk-fetched")).toEqual([
    { type: "chunk-fetched", track: 0, sequence: 3, blocks },
  ]);
  expect(rig.engine.ofType("fetch-failed")).toEqual([
    { type: "fetch-failed", track: 5, sequence: 3 },
    { type: "fetch-failed", track: 0, sequence: 4 },
  ]);
});

it("joins from the origin that the tracker's descriptor names", async () => {
  const signed = publisher.signed({ origins: ["http://ingest.example"] });
  const tracker = new MemoryTracker();
  tracker.descriptor = signed;
  let isThere = false;
  const asked: boolean[] = [];
  const origin: MeshOrigin = {
    ...away,
    follow: ([first]) => {
      const isNews = !isThere;
      isThere = first === "http://ingest.example";
      return isNews;
    },
    join: async () => {
      asked.push(isThere);
      if (!isThere) return { ok: false, reason: "not-found" };
      return { ok: true, descriptor: signed, blocks: [] };
    },
  };
  const { clock, rig } = await running({ tracker: tracker.client(ALICE), origin });
  await clock.advance(100);
  expect(asked).toEqual([false, true]);
  expect(rig.engine.ofType("join-received")).toHaveLength(1);
  expect(rig.states.map(({ phase }) => phase)).not.toContain("waiting-for-stream");
});

it("asks the origin anew when the engine or the player wants to join again", async () => {
  const join = async () => ({ ok: true as const, descriptor: publisher.signed(), blocks: [] });
  const { clock, rig } = await running({ origin: { ...away, join } });
  rig.act({ type: "join" });
  await clock.advance(0);
  rig.peer.rejoin();
  await clock.advance(0);
  expect(rig.engine.ofType("join-received")).toHaveLength(3);
});

it("takes a newer descriptor from tracker or neighbor, and an older one from nobody", async () => {
  const { clock, client, rig } = await running();
  const fromNeighbor = (revision: number, by = publisher) => {
    const { body, signature } = by.signed({ revision, streamId: publisher.streamId });
    rig.act({
      type: "verify-descriptor",
      from: BOB,
      body: new TextEncoder().encode(body),
      signature: Uint8Array.from(Buffer.from(signature, "hex")),
    });
  };
  client.tell((to) => to.onDescriptor?.(publisher.signed({ revision: 3 })));
  await clock.advance(0);
  fromNeighbor(2);
  await clock.advance(0);
  fromNeighbor(4);
  await clock.advance(0);
  expect(rig.engine.ofType("bad-message")).toEqual([]);
  fromNeighbor(5, new TestPublisher());
  await clock.advance(0);
  expect(rig.revisions).toEqual([1, 3, 4]);
  expect(
    rig.engine.ofType("descriptor-updated").map(({ descriptor }) => descriptor.revision),
  ).toEqual([3, 4]);
  expect(rig.engine.ofType("bad-message")).toMatchObject([{ from: BOB }]);
});

it("polls the origin for the descriptor while the tracker is away, and only then", async () => {
  let asked = 0;
  const origin: MeshOrigin = {
    ...away,
    descriptor: async () => {
      asked++;
      return { ok: true, descriptor: publisher.signed({ revision: 1 + asked }) };
    },
  };
  const { clock, tracker, rig } = await running({ origin });
  await clock.advance(20_000);
  expect(asked).toBe(0);
  tracker.goAway();
  await clock.advance(8_000);
  expect(asked).toBe(2);
  expect(rig.revisions).toEqual([1, 2, 3]);
});

it("takes the tracker's time as a viewer", async () => {
  const { client, rig, clock } = await running();
  client.tell((to) => to.onClock?.(5000));
  expect(rig.engine.ofType("clock-adjusted").at(-1)).toEqual({
    type: "clock-adjusted",
    sourceOffsetMs: 5000,
  });
  expect(rig.peer.sourceNowMs()).toBe(clock.nowMs() + 5000);
});

it("stays with its own time as the seeder, and spreads what it is given", async () => {
  const { client, rig, clock } = await running({ role: "seeder", origin: away });
  client.tell((to) => to.onClock?.(5000));
  expect(rig.peer.sourceNowMs()).toBe(clock.wallClockMs());
  const blocks = [publisher.block()];
  rig.peer.publish(blocks);
  await rig.peer.updateDescriptor(publisher.signed({ revision: 9 }));
  expect(rig.engine.ofType("blocks-published")).toEqual([{ type: "blocks-published", blocks }]);
  expect(rig.revisions).toEqual([1, 9]);
  await expect(rig.peer.updateDescriptor(new TestPublisher().signed())).rejects.toThrow(TypeError);
});

it("keeps what the seeder publishes before its engine exists", async () => {
  const clock = new VirtualClock();
  const rig = new Rig(clock, { role: "seeder" });
  rig.peer.start();
  rig.peer.publish([publisher.block()]);
  await rig.peer.updateDescriptor(publisher.signed());
  expect(rig.engine.events.map(({ type }) => type)).toEqual(["clock-adjusted", "blocks-published"]);
});

it("says in whole words which overlay the engine lacks, and which it has", async () => {
  const { rig } = await running({
    createEngine: (config) =>
      new MeshEngine({ ...config, descriptor: { ...config.descriptor, overlay: "ring" } }),
  });
  expect(rig.peer.state).toMatchObject({
    phase: "unsupported",
    problem: 'the stream asks for overlay "ring", this player has adaptive, random, nearby, static',
  });
});

it("says which scheduler it lacks, and runs when a newer descriptor names one it has", async () => {
  const { clock, client, rig } = await running({
    createEngine: (config) => {
      if (config.descriptor.scheduler !== "known") throw new RangeError("no such scheduler");
      return new ScriptedEngine(config);
    },
  });
  expect(rig.peer.state).toMatchObject({ phase: "unsupported", problem: "no such scheduler" });
  client.tell((to) => to.onDescriptor?.(publisher.signed({ revision: 2, scheduler: "known" })));
  await clock.advance(0);
  expect(rig.peer.state).toMatchObject({ phase: "running", problem: undefined });
});

it("says good-bye, then does nothing more", async () => {
  const { clock, client, rig, bob } = await withNeighbor();
  rig.engine.respond = ({ type }) =>
    type === "leave"
      ? [
          { type: "send", to: BOB, message: { type: "bye", reason: "leaving" } },
          { type: "disconnect", peer: BOB, reason: "leaving" },
        ]
      : [];
  const closed = rig.peer.close();
  await clock.advance(1000);
  await closed;
  const steps = rig.engine.steps.length;
  expect(rig.engine.events.at(-1)).toEqual({ type: "leave" });
  expect(bob.engine.ofType("message-received").at(-1)?.message).toEqual({
    type: "bye",
    reason: "leaving",
  });
  expect(bob.engine.ofType("neighbor-disconnected")).toHaveLength(1);
  tellEverything(client);
  rig.peer.setPlayhead(3);
  await clock.advance(60_000);
  expect(rig.engine.steps).toHaveLength(steps);
  expect(rig.peer.state.phase).toBe("closed");
});

function tellEverything(client: MemoryTrackerClient): void {
  client.tell((to) => to.onIntroduced?.([{ peerId: BOB, role: "viewer" }]));
  client.tell((to) => to.onClock?.(1));
  client.announce();
}

it("takes part in the tracks that are chosen, and in others when the choice is asked again", async () => {
  const joins: (string | undefined)[] = [];
  const origin: MeshOrigin = {
    ...away,
    join: async (_signal, video) => {
      joins.push(video);
      return { ok: false, reason: "unreachable" };
    },
  };
  const choice = { chosen: [0], joinVideo: "v3", tracks: () => choice.chosen };
  const { rig, client, clock } = await running({ origin, choice });
  expect(joins).toEqual(["v3"]);
  expect(rig.engine.config.tracks).toEqual([0]);
  choice.chosen = [1];
  rig.peer.chooseTracks();
  expect(rig.engine.ofType("tracks-chosen").map(({ tracks }) => tracks)).toEqual([[1]]);
  choice.chosen = [0, 1];
  client.tell((to) => to.onDescriptor?.(publisher.signed({ revision: 9 })));
  await clock.advance(0);
  expect(rig.engine.ofType("tracks-chosen").map(({ tracks }) => tracks)).toEqual([[1], [0, 1]]);
});

it("leaves the tracks to the engine where nobody chooses", async () => {
  const { rig } = await running();
  expect(rig.engine.config.tracks).toBeUndefined();
  rig.peer.chooseTracks();
  expect(rig.engine.ofType("tracks-chosen")).toEqual([]);
});

it("is tuned within what its owner allows to be uploaded, and back to that", async () => {
  const { rig } = await running({ options: { uploadLimitBps: 500_000 } });
  const told: unknown[] = [];
  rig.engine.respond = (event) => {
    if (event.type === "tuned") told.push(event.options);
    return [];
  };
  rig.peer.tune({ uploadLimitBps: 9_000_000, pushShare: 0.7 });
  rig.peer.tune({ uploadLimitBps: 100_000 });
  rig.peer.tune({});
  expect(told).toEqual([
    { uploadLimitBps: 500_000, pushShare: 0.7 },
    { uploadLimitBps: 100_000 },
    { uploadLimitBps: 500_000 },
  ]);
});
