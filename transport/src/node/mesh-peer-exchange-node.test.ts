import { afterEach, expect, it } from "vitest";
import { type PeerId, peerIdFromBytes } from "#protocol";
import { webCrypto256 } from "../crypto/index.ts";
import { MeshPeer } from "../mesh-peer.ts";
import { ForwardingEngine } from "../testing/forwarding-engine.ts";
import { MemoryTracker } from "../testing/memory-tracker.ts";
import { TestMembers } from "../testing/test-members.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { until } from "../testing/until.ts";
import { nodeLinks } from "./index.ts";

const publisher = new TestPublisher();
const members = new TestMembers(publisher.streamId);
const [ALICE, NINA, BOB] = [1, 2, 3].map((n) => peerIdFromBytes(new Uint8Array(10).fill(n))) as [
  PeerId,
  PeerId,
  PeerId,
];
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function join(tracker: MemoryTracker, peerId: PeerId) {
  const client = tracker.client(peerId);
  const links = nodeLinks({ bindAddress: "127.0.0.1" });
  const engines: ForwardingEngine[] = [];
  const away = { ok: false, reason: "unreachable" } as const;
  const mesh = new MeshPeer({
    streamId: publisher.streamId,
    peerId,
    tracker: client,
    membership: members.membership({ peerId, role: "viewer" }),
    links,
    crypto: webCrypto256(),
    origin: {
      join: async () => ({ ok: true, descriptor: publisher.signed(), blocks: [] }),
      descriptor: async () => away,
      chunkBlocks: async () => away,
    },
    createEngine: (config) => {
      const engine = new ForwardingEngine(config);
      engines.push(engine);
      return engine;
    },
  });
  closers.push(
    () => links.close(),
    () => mesh.close(),
  );
  mesh.start();
  const knows = (peer: PeerId): boolean => engines[0]?.neighbors.has(peer) === true;
  return { client, mesh, engines, knows };
}

it("opens a WebRTC link whose negotiation went over a neighbor's data channels alone", async () => {
  const tracker = new MemoryTracker();
  tracker.descriptor = publisher.signed();
  const nina = join(tracker, NINA);
  await until("Nina announced", () => nina.client.state === "online");
  const alice = join(tracker, ALICE);
  await until("Alice's link", () => alice.knows(NINA) && nina.knows(ALICE));
  tracker.goAway();
  const bob = join(tracker, BOB);
  await until("Bob's engine", () => bob.engines.length > 0);
  tracker.pair(bob.client, nina.client);
  await until("Bob's first link", () => bob.knows(NINA) && nina.knows(BOB));

  const [engine] = bob.engines;
  if (engine === undefined) throw new Error("Bob has an engine");
  const { respond } = engine;
  engine.respond = (event) =>
    event.type === "playback" ? [{ type: "connect", peer: ALICE, via: NINA }] : respond(event);
  bob.mesh.setPlayhead(0);
  await until("the link between Alice and Bob", () => bob.knows(ALICE) && alice.knows(BOB));
  expect(bob.client.relayed.filter(({ to }) => to === ALICE)).toEqual([]);
  expect(engine.ofType("signal-out").length).toBeGreaterThan(1);
});
