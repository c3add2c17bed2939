import { expect, it } from "vitest";
import type { MeshAction } from "#mesh";
import { type PeerId, type PeerRecord, peerIdFromBytes, type Role } from "#protocol";
import { memoryLinks } from "./memory/index.ts";
import type { MeshOrigin, MeshPeerOptions } from "./mesh-peer/mesh-peer-options.ts";
import { MeshPeer } from "./mesh-peer.ts";
import { ForwardingEngine } from "./testing/forwarding-engine.ts";
import { MemoryTracker } from "./testing/memory-tracker.ts";
import { nodeCrypto256 } from "./testing/node-crypto.ts";
import { TestMembers } from "./testing/test-members.ts";
import { TestPublisher } from "./testing/test-publisher.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

const publisher = new TestPublisher();
const id = (n: number) => peerIdFromBytes(new Uint8Array(10).fill(n));
const [SEEDER, ...VIEWERS] = [1, 2, 3, 4, 5].map(id) as [PeerId, PeerId, ...PeerId[]];
const [NINA, BOB] = VIEWERS as [PeerId, PeerId];
const NEWCOMER = id(9);
const OFFER = new TextEncoder().encode('{"type":"offer","sdp":"memory:none"}');

/** A seeder and four viewers who know each other, and a newcomer who knows one of them. */
class Town {
  readonly clock = new VirtualClock();
  readonly members = new TestMembers(publisher.streamId);
  readonly tracker = new MemoryTracker();
  readonly network = memoryLinks({ schedule: this.clock.schedule, latencyMs: 5 });
  readonly engines = new Map<PeerId, ForwardingEngine>();
  readonly peers = new Map<PeerId, MeshPeer>();

  constructor() {
    this.tracker.descriptor = publisher.signed();
    this.tracker.members = this.members;
  }

  add(peerId: PeerId, role: Role = "viewer", options: Partial<MeshPeerOptions> = {}) {
    const client = this.tracker.client(peerId, role);
    const peer = new MeshPeer({
      streamId: publisher.streamId,
      peerId,
      role,
      tracker: client,
      links: this.network.factory(peerId),
      crypto: nodeCrypto256,
      clock: this.clock,
      origin: ORIGIN,
      createEngine: (config) => {
        const engine = new ForwardingEngine(config);
        this.engines.set(peerId, engine);
        return engine;
      },
      ...options,
    });
    this.peers.set(peerId, peer);
    peer.start();
    return client;
  }

  engine(peerId: PeerId): ForwardingEngine {
    const engine = this.engines.get(peerId);
    if (engine === undefined) throw new Error(`${peerId} has no engine yet`);
    return engine;
  }

  /** Make an engine say something, as if on its own accord. */
  act(peerId: PeerId, ...actions: MeshAction[]): void {
    const engine = this.engine(peerId);
    const { respond } = engine;
    engine.respond = (event) => (event.type === "playback" ? actions : respond(event));
    this.peers.get(peerId)?.setPlayhead(0);
    engine.respond = respond;
  }
}

const ORIGIN: MeshOrigin = {
  join: async () => ({ ok: true, descriptor: publisher.signed(), blocks: [] }),
  descriptor: async () => ({ ok: false, reason: "unreachable" }),
  chunkBlocks: async () => ({ ok: false, reason: "unreachable" }),
};

/** Somebody who came after the tracker had gone, and found one member. */
async function withNewcomer(): Promise<Town> {
  const town = new Town();
  const clients = [town.add(SEEDER, "seeder"), ...VIEWERS.map((peer) => town.add(peer))];
  await town.peers.get(SEEDER)?.updateDescriptor(publisher.signed());
  await town.clock.advance(100);
  town.tracker.goAway();
  const membership = town.members.membership({ peerId: NEWCOMER, role: "viewer" });
  const newcomer = town.add(NEWCOMER, "viewer", { membership });
  await town.clock.advance(100);
  const nina = clients[1];
  if (nina !== undefined) town.tracker.pair(newcomer, nina);
  await town.clock.advance(100);
  expect([...town.engine(NEWCOMER).neighbors]).toEqual([NINA]);
  return town;
}

it("lets a newcomer who knows one member meet all the others after the tracker has gone", async () => {
  const town = await withNewcomer();
  expect(town.peers.get(NEWCOMER)?.state.tracker).toBe("offline");
  const strangers: PeerRecord[] = [
    { peerId: SEEDER, role: "seeder" },
    ...VIEWERS.slice(1).map((peerId) => ({ peerId, role: "viewer" as const })),
  ];
  const records = strangers.map((record) => town.members.record(record));
  town.act(NEWCOMER, { type: "verify-records", from: NINA, records });
  await town.clock.advance(1);
  expect(town.engine(NEWCOMER).ofType("records-verified")).toEqual([
    { type: "records-verified", from: NINA, records },
  ]);
  const dials = strangers.map(
    ({ peerId }) => ({ type: "connect", peer: peerId, via: NINA }) as const,
  );
  town.act(NEWCOMER, ...dials);
  await town.clock.advance(200);
  const connected = town.engine(NEWCOMER).ofType("neighbor-connected");
  expect(connected.slice(1).map(({ peer }) => peer)).toEqual(expect.arrayContaining(strangers));
  for (const { peerId } of strangers) {
    expect(town.engine(peerId).neighbors.has(NEWCOMER), `${peerId} knows the newcomer`).toBe(true);
  }
});

it("heals links between members in the same way", async () => {
  const town = await withNewcomer();
  const [, , other = BOB] = VIEWERS;
  town.act(BOB, { type: "disconnect", peer: other, reason: "silent" });
  await town.clock.advance(200);
  expect(town.engine(other).neighbors.has(BOB)).toBe(false);
  town.act(BOB, { type: "connect", peer: other, via: NINA });
  await town.clock.advance(200);
  expect(town.engine(other).neighbors.has(BOB)).toBe(true);
});

it("dials nobody over a neighbor without having been a member", async () => {
  const town = new Town();
  town.tracker.members = undefined;
  town.add(NINA);
  const bob = town.add(BOB);
  await town.clock.advance(100);
  expect(town.engine(BOB).neighbors.has(NINA)).toBe(true);
  bob.setState("offline");
  town.tracker.goAway();
  town.act(BOB, { type: "connect", peer: id(4), via: NINA });
  await town.clock.advance(1);
  expect(town.engine(BOB).ofType("connect-failed")).toEqual([
    { type: "connect-failed", peer: id(4) },
  ]);
  expect(town.engine(BOB).ofType("signal-out")).toEqual([]);
});

it("says nothing about records while it does not know the tracker's key", async () => {
  const town = new Town();
  town.tracker.members = undefined;
  town.add(BOB);
  await town.clock.advance(100);
  const records = [town.members.record({ peerId: id(4), role: "viewer" })];
  town.act(BOB, { type: "verify-records", from: NINA, records });
  await town.clock.advance(1);
  expect(town.engine(BOB).ofType("records-verified")).toEqual([]);
});

it("passes on to the engine only records that are genuine, of this stream and not expired", async () => {
  const town = await withNewcomer();
  const stranger = { peerId: id(40), role: "viewer" } as const;
  const genuine = town.members.record(stranger);
  const otherStream = new TestPublisher().streamId;
  const records = [
    new TestMembers(publisher.streamId).record(stranger),
    new TestMembers(otherStream).record(stranger),
    { ...genuine, role: "seeder" as const },
    town.members.record(stranger, town.clock.wallClockMs()),
    genuine,
  ];
  town.act(BOB, { type: "verify-records", from: NINA, records });
  await town.clock.advance(1);
  expect(town.engine(BOB).ofType("records-verified")).toEqual([
    { type: "records-verified", from: NINA, records: [genuine] },
  ]);
});

it("answers no offer over a neighbor of somebody who is no member, and nothing that is none", async () => {
  const stranger = { peerId: id(40), role: "viewer" } as const;
  const answersTo = async (make: (town: Town) => Partial<MeshAction>): Promise<number> => {
    const town = await withNewcomer();
    const from = town.members.record(stranger);
    const action = { type: "receive-signal", via: NINA, from, body: OFFER, ...make(town) };
    town.act(BOB, action as MeshAction);
    await town.clock.advance(50);
    return town.engine(BOB).ofType("signal-out").length;
  };
  expect(await answersTo(() => ({}))).toBe(2);
  const forged = new TestMembers(publisher.streamId).record(stranger);
  expect(await answersTo(() => ({ from: forged }))).toBe(0);
  const expired = (town: Town) => town.members.record(stranger, town.clock.wallClockMs() - 1);
  expect(await answersTo((town) => ({ from: expired(town) }))).toBe(0);
  for (const text of ["", "{}", '{"type":"offer"}', "\xff"]) {
    expect(await answersTo(() => ({ body: Uint8Array.from(Buffer.from(text, "latin1")) }))).toBe(0);
  }
});
