import { expect, it } from "vitest";
import type { PeerId, PeerRecord, Role, Signal } from "#protocol";
import { peerIdFromBytes } from "#protocol";
import { LINK_HIGH_WATER_BYTES } from "../link.ts";
import { type MemoryNetwork, memoryLinks } from "../memory/index.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { LinkTable } from "./link-table.ts";

const id = (n: number) => peerIdFromBytes(new Uint8Array(10).fill(n));
const [ALICE, BOB, NINA] = [id(1), id(2), id(7)];

class Town {
  readonly clock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly peers = new Map<PeerId, { table: LinkTable; log: unknown[] }>();
  isTrackerUp = true;
  /** What went over a neighbor: kind and neighbor. */
  readonly overVia: string[] = [];
  /** Peers that the tracker knows and that never react. */
  readonly ghosts = new Set<PeerId>();

  constructor(rateBps?: number) {
    this.network = memoryLinks({
      schedule: this.clock.schedule,
      latencyMs: 10,
      ...(rateBps === undefined ? {} : { rateBps }),
    });
  }

  add(self: PeerId, role: Role = "viewer") {
    const log: unknown[] = [];
    const note =
      (what: string) =>
      (...details: unknown[]) => {
        log.push([what, ...details]);
      };
    const table = new LinkTable({
      self,
      audience: role === "seeder" ? "many" : "few",
      clock: this.clock,
      factory: this.network.factory(self),
      relay: async (to, signal) => this.#relay({ peerId: self, role }, to, signal),
      relayOver: (via, to, signal) => {
        this.overVia.push(`${signal.type} ${via}`);
        this.clock.after(5, () =>
          this.peers.get(to)?.table.receive({ peerId: self, role }, signal, via),
        );
        return true;
      },
      handlers: {
        onConnected: (peer, isDialed) => log.push(["connected", peer.peerId, peer.role, isDialed]),
        onConnectFailed: note("connect-failed"),
        onDisconnected: note("disconnected"),
        onMessage: (from, bytes) => log.push(["message", from, [...bytes.subarray(0, 4)]]),
        onCongested: note("congested"),
        onDrained: note("drained"),
      },
    });
    const peer = { table, log };
    this.peers.set(self, peer);
    return peer;
  }

  #relay(from: PeerRecord, to: PeerId, signal: Signal): boolean {
    if (this.ghosts.has(to)) return true;
    const peer = this.peers.get(to);
    if (!this.isTrackerUp || peer === undefined) return false;
    this.clock.after(5, () => peer.table.receive(from, signal));
    return true;
  }
}

async function connected() {
  const town = new Town();
  const alice = town.add(ALICE);
  const bob = town.add(BOB);
  alice.table.connect(BOB);
  await town.clock.advance(100);
  return { town, alice, bob };
}

it("dials through the tracker; the other side answers", async () => {
  const { town, alice, bob } = await connected();
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
  expect(bob.log).toEqual([["connected", ALICE, "viewer", false]]);
  alice.table.send(BOB, Uint8Array.of(1));
  bob.table.send(ALICE, Uint8Array.of(2));
  await town.clock.advance(10);
  expect(alice.log.at(-1)).toEqual(["message", BOB, [2]]);
  expect(bob.log.at(-1)).toEqual(["message", ALICE, [1]]);
});

it("takes roles from the tracker", async () => {
  const town = new Town();
  const alice = town.add(ALICE);
  town.add(BOB, "seeder");
  alice.table.learn([{ peerId: BOB, role: "seeder" }]);
  alice.table.connect(BOB);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "seeder", true]]);
});

it("dials once, however often it is asked to", async () => {
  const { town, alice, bob } = await connected();
  alice.table.connect(BOB);
  await town.clock.advance(100);
  expect([alice.log.length, bob.log.length]).toEqual([1, 1]);
});

it("keeps the link dialed by the smaller id when both dial", async () => {
  const town = new Town();
  const alice = town.add(ALICE);
  const bob = town.add(BOB);
  alice.table.connect(BOB);
  bob.table.connect(ALICE);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
  expect(bob.log).toEqual([["connected", ALICE, "viewer", false]]);
});

it("says at once that a dial failed when the tracker does not pass it on", async () => {
  const town = new Town();
  const alice = town.add(ALICE);
  alice.table.connect(BOB);
  await town.clock.advance(1);
  town.isTrackerUp = false;
  alice.table.connect(id(3));
  await town.clock.advance(1);
  expect(alice.log).toEqual([
    ["connect-failed", BOB],
    ["connect-failed", id(3)],
  ]);
});

it("says that a dial failed when there is no way between the two", async () => {
  const town = new Town();
  const alice = town.add(ALICE);
  const bob = town.add(BOB);
  town.network.separate(ALICE, BOB);
  alice.table.connect(BOB);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connect-failed", BOB]]);
  expect(bob.log).toEqual([]);
});

it("hears nothing more of a peer it disconnected, while that one is told", async () => {
  const { town, alice, bob } = await connected();
  bob.table.send(ALICE, Uint8Array.of(1));
  alice.table.send(BOB, Uint8Array.of(9));
  alice.table.disconnect(BOB);
  await town.clock.advance(200);
  expect(alice.log).toHaveLength(1);
  expect(bob.log.slice(1)).toEqual([
    ["message", ALICE, [9]],
    ["disconnected", ALICE],
  ]);
});

it("gives up a dial quietly when told to disconnect", async () => {
  const town = new Town();
  const alice = town.add(ALICE);
  town.add(BOB);
  alice.table.connect(BOB);
  alice.table.disconnect(BOB);
  await town.clock.advance(200);
  expect(alice.log).toEqual([]);
});

it("replaces a link when the other side dials anew", async () => {
  const { town, alice, bob } = await connected();
  town.network.mute(ALICE, BOB);
  alice.table.disconnect(BOB);
  alice.table.connect(BOB);
  await town.clock.advance(300);
  expect(bob.log.slice(1)).toEqual([
    ["disconnected", ALICE],
    ["connected", ALICE, "viewer", false],
  ]);
  bob.table.send(ALICE, Uint8Array.of(5));
  await town.clock.advance(10);
  expect(alice.log.at(-1)).toEqual(["message", BOB, [5]]);
});

it("forgets an offer that leads nowhere after ten seconds, and not before", async () => {
  const town = new Town();
  const bob = town.add(BOB);
  for (let n = 10; n < 34; n++) {
    town.ghosts.add(id(n));
    bob.table.receive({ peerId: id(n), role: "viewer" }, { type: "offer", sdp: "memory:none" });
  }
  // All 24 places are taken: who comes now is not answered.
  const alice = town.add(ALICE);
  alice.table.connect(BOB);
  await town.clock.advance(9_999);
  expect(alice.log).toEqual([]);
  alice.table.disconnect(BOB);
  await town.clock.advance(1);
  alice.table.connect(BOB);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
});

it("does not keep more than one answer under way for one peer", async () => {
  const town = new Town();
  const bob = town.add(BOB);
  town.ghosts.add(id(9));
  for (let i = 0; i < 100; i++) {
    bob.table.receive({ peerId: id(9), role: "viewer" }, { type: "offer", sdp: "memory:none" });
  }
  const alice = town.add(ALICE);
  alice.table.connect(BOB);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
});

it("ignores signals of peers it does not know, and its own", async () => {
  const town = new Town();
  const alice = town.add(ALICE);
  alice.table.receive({ peerId: BOB, role: "viewer" }, { type: "answer", sdp: "memory:x" });
  alice.table.receive({ peerId: ALICE, role: "viewer" }, { type: "offer", sdp: "memory:x" });
  await town.clock.advance(20_000);
  expect(alice.log).toEqual([]);
});

it("says when a link is congested and when it has drained, once each", async () => {
  const town = new Town(8_000_000);
  const alice = town.add(ALICE);
  town.add(BOB);
  alice.table.connect(BOB);
  await town.clock.advance(100);
  for (let sent = 0; sent < 2 * LINK_HIGH_WATER_BYTES; sent += 16_384) {
    alice.table.send(BOB, new Uint8Array(16_384));
  }
  expect(alice.log.slice(1)).toEqual([["congested", BOB]]);
  await town.clock.advance(1000);
  expect(alice.log.slice(1)).toEqual([
    ["congested", BOB],
    ["drained", BOB],
  ]);
});

it("knows how much waits in all of its links", async () => {
  const town = new Town(8_000_000);
  const alice = town.add(ALICE);
  for (const peer of [BOB, NINA]) town.add(peer);
  for (const peer of [BOB, NINA]) alice.table.connect(peer);
  await town.clock.advance(100);
  for (const peer of [BOB, NINA, id(3)]) alice.table.send(peer, new Uint8Array(10_000));
  expect(alice.table.bufferedBytes).toBe(20_000);
  await town.clock.advance(100);
  expect(alice.table.bufferedBytes).toBe(0);
});

it("closes every link, the ones that still say good-bye included", async () => {
  const { town, alice, bob } = await connected();
  const carol = town.add(id(3));
  alice.table.connect(id(3));
  await town.clock.advance(50);
  alice.table.disconnect(BOB);
  alice.table.close();
  await town.clock.advance(10);
  expect(bob.log.at(-1)).toEqual(["disconnected", ALICE]);
  expect(carol.log.at(-1)).toEqual(["disconnected", ALICE]);
});

/** Alice and Bob are strangers, Nina is a neighbor of both, and the tracker is away. */
async function aroundNina() {
  const town = new Town();
  const [alice, bob] = [town.add(ALICE), town.add(BOB)];
  const nina = town.add(NINA);
  nina.table.connect(ALICE);
  nina.table.connect(BOB);
  await town.clock.advance(100);
  alice.log.length = 0;
  bob.log.length = 0;
  town.isTrackerUp = false;
  return { town, alice, bob, nina };
}

it("negotiates over a neighbor when the tracker is away, in both directions", async () => {
  const { town, alice, bob } = await aroundNina();
  alice.table.connect(BOB, NINA);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
  expect(bob.log).toEqual([["connected", ALICE, "viewer", false]]);
  expect(town.overVia).toEqual([
    `offer ${NINA}`,
    `candidate ${NINA}`,
    `answer ${NINA}`,
    `candidate ${NINA}`,
  ]);
});

it("answers the way the offer came, for the tracker may not know the other side", async () => {
  const { town, alice } = await aroundNina();
  alice.table.connect(BOB, NINA);
  await town.clock.advance(3);
  town.isTrackerUp = true;
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
  expect(town.overVia.slice(2)).toEqual([`answer ${NINA}`, `candidate ${NINA}`]);
});

it("prefers the tracker while it passes negotiation on", async () => {
  const { town, alice } = await aroundNina();
  town.isTrackerUp = true;
  alice.table.connect(BOB, NINA);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
  expect(town.overVia).toEqual([]);
});

it("says at once that a dial failed when the neighbor in between is gone", async () => {
  const { town, alice, nina } = await aroundNina();
  nina.table.disconnect(ALICE);
  await town.clock.advance(200);
  alice.log.length = 0;
  alice.table.connect(BOB, NINA);
  await town.clock.advance(1);
  expect(alice.log).toEqual([["connect-failed", BOB]]);
  expect(town.overVia).toEqual([]);
});

it("keeps the link dialed by the smaller id when both dial over a neighbor", async () => {
  const { town, alice, bob } = await aroundNina();
  alice.table.connect(BOB, NINA);
  bob.table.connect(ALICE, NINA);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
  expect(bob.log).toEqual([["connected", ALICE, "viewer", false]]);
});

it("does not give up a link, open or under way, for an offer that a neighbor repeats", async () => {
  const { town, alice, bob } = await aroundNina();
  const replayed = { type: "offer", sdp: "memory:none" } as const;
  alice.table.connect(BOB, NINA);
  await town.clock.advance(7);
  bob.table.receive({ peerId: ALICE, role: "viewer" }, replayed, NINA);
  await town.clock.advance(100);
  bob.table.receive({ peerId: ALICE, role: "viewer" }, replayed, NINA);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
  expect(bob.log).toEqual([["connected", ALICE, "viewer", false]]);
});

it("takes answers and candidates only from where the negotiation goes", async () => {
  const { town, alice } = await aroundNina();
  const wrong = { type: "answer", sdp: "nonsense" } as const;
  const inject = (via: PeerId) => alice.table.receive({ peerId: BOB, role: "viewer" }, wrong, via);
  alice.table.connect(BOB, NINA);
  await town.clock.advance(1);
  inject(id(8));
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
  // Through the tracker, the neighbor has no say.
  town.isTrackerUp = true;
  alice.table.disconnect(BOB);
  await town.clock.advance(200);
  alice.log.length = 0;
  alice.table.connect(BOB, NINA);
  await town.clock.advance(1);
  inject(NINA);
  await town.clock.advance(100);
  expect(alice.log).toEqual([["connected", BOB, "viewer", true]]);
});

it("does not believe that a seeder dials over a neighbor", async () => {
  const { town, bob, nina } = await aroundNina();
  const seeder = town.add(id(9), "seeder");
  town.isTrackerUp = true;
  nina.table.connect(id(9));
  await town.clock.advance(100);
  town.isTrackerUp = false;
  seeder.table.connect(BOB, NINA);
  await town.clock.advance(100);
  expect(bob.log).toEqual([]);
  expect(town.overVia[0]).toBe(`offer ${NINA}`);
});

it("loses all links while it is to be away, takes none, and comes back", async () => {
  const { town, alice, bob } = await connected();
  alice.table.setAway(true);
  await town.clock.advance(100);
  expect(alice.log.at(-1)).toEqual(["disconnected", BOB]);
  expect(bob.log.at(-1)).toEqual(["disconnected", ALICE]);
  alice.table.connect(BOB);
  expect(alice.log.at(-1)).toEqual(["connect-failed", BOB]);
  bob.table.connect(ALICE);
  await town.clock.advance(100);
  expect(alice.log).toHaveLength(3);
  alice.table.setAway(false);
  bob.table.disconnect(ALICE);
  bob.table.connect(ALICE);
  await town.clock.advance(100);
  expect(alice.log.at(-1)).toEqual(["connected", BOB, "viewer", false]);
});

it("answers a crowd of strangers thirty times at once and every other second, and goes on dialing", async () => {
  const town = new Town();
  const bob = town.add(BOB);
  const knock = async (peer: PeerId) => {
    const stranger = town.add(peer);
    stranger.table.connect(BOB);
    await town.clock.advance(50);
    stranger.table.disconnect(BOB);
  };
  for (let n = 10; n < 110; n++) await knock(id(n));
  const answered = bob.log.filter((entry) => (entry as unknown[])[0] === "connected").length;
  // In the five seconds that took, two more became possible.
  expect(answered).toBe(32);
  town.add(ALICE);
  bob.table.connect(ALICE);
  await town.clock.advance(50);
  expect(bob.log).toContainEqual(["connected", ALICE, "viewer", true]);
});
