import { afterEach, expect, it } from "vitest";
import type { MeshChunk } from "#mesh";
import {
  type Block,
  decodePeerMessage,
  encodePeerMessage,
  PEER_PROTOCOL_VERSION,
  type PeerMessage,
} from "#protocol";
import { webCrypto256 } from "../crypto/index.ts";
import type { Link } from "../link.ts";
import { MeshPeer } from "../mesh-peer.ts";
import { newPeerId } from "../peer-id.ts";
import { MemoryTracker } from "../testing/memory-tracker.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { testChunkBlocks, testChunkBytes } from "../testing/test-stream.ts";
import { until } from "../testing/until.ts";
import { nodeLinks } from "./index.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A stream whose chunks are published as fast as the test asks. */
function stream() {
  const publisher = new TestPublisher();
  const tracker = new MemoryTracker();
  tracker.descriptor = publisher.signed();
  tracker.clockOffsetMs = Date.now() - performance.now();
  let sequence = 0;

  const peer = (role: "viewer" | "seeder") => {
    const peerId = newPeerId();
    const chunks: MeshChunk[] = [];
    const links = nodeLinks({ bindAddress: "127.0.0.1" });
    const mesh = new MeshPeer({
      streamId: publisher.streamId,
      peerId,
      role,
      tracker: tracker.client(peerId, role),
      links,
      crypto: webCrypto256(),
      onChunk: (chunk) => chunks.push(chunk),
    });
    closers.push(
      () => links.close(),
      () => mesh.close(),
    );
    mesh.start();
    return { mesh, chunks, peerId };
  };

  const nextChunk = (): Block[] => testChunkBlocks(publisher, sequence++, Date.now());
  return { publisher, tracker, peer, nextChunk };
}

it("brings chunks from a seeder to viewers over WebRTC, intact", async () => {
  const { publisher, peer, nextChunk } = stream();
  const seeder = peer("seeder");
  await seeder.mesh.updateDescriptor(publisher.signed());
  const viewers = [peer("viewer"), peer("viewer"), peer("viewer")];
  await until("links", () => seeder.mesh.stats().neighbors.length === 3);
  const timer = setInterval(() => seeder.mesh.publish(nextChunk()), 50);
  closers.push(() => clearInterval(timer));
  await until("ten chunks each", () => viewers.every(({ chunks }) => chunks.length >= 10));
  for (const { chunks } of viewers) {
    for (const { sequence, bytes } of chunks) {
      expect(Buffer.compare(bytes, testChunkBytes(sequence)), `chunk ${sequence}`).toBe(0);
    }
  }
});

type Attack = (send: (message: PeerMessage) => void, link: Link) => void;

const stranger = new TestPublisher();
const unsigned = (sequence: number) => stranger.block({ sequence, sourceTimeMs: Date.now() });
const attacks: [string, Attack][] = [
  [
    "unrequested blocks",
    (send) => {
      for (let i = 0; i < 3; i++) send({ type: "block", block: unsigned(i) });
    },
  ],
  [
    "bytes that are no message",
    (_send, link) => {
      for (let i = 0; i < 3; i++) link.send(Uint8Array.of(9, 9, 9));
    },
  ],
  [
    "blocks cut short",
    (_send, link) => {
      const bytes = encodePeerMessage({ type: "block", block: unsigned(1) });
      for (let i = 1; i < 4; i++) link.send(bytes.subarray(0, bytes.length - i));
    },
  ],
  [
    "messages above the limit",
    (_send, link) => {
      for (let i = 0; i < 3; i++) link.send(new Uint8Array(20_000).fill(9));
    },
  ],
];

it.each(attacks)(
  "drops a hostile peer that sends %s, and uses nothing of it",
  async (_, attack) => {
    const { publisher, tracker, peer } = stream();
    const victim = peer("viewer");
    const bystander = peer("viewer");
    await until("an engine", () => victim.mesh.state.phase === "running");
    const hostileId = newPeerId();
    const client = tracker.client(hostileId);
    const links = nodeLinks({ bindAddress: "127.0.0.1" });
    closers.push(() => links.close());
    let isDropped = false;
    const send = (message: PeerMessage) => link.send(encodePeerMessage(message));
    const link: Link = links.create({ peerId: victim.peerId, role: "viewer" }, "dial", {
      onOpen() {
        send({
          type: "hello",
          version: PEER_PROTOCOL_VERSION,
          streamId: publisher.streamId,
          descriptorRevision: 1,
          uploadBps: 1e7,
        });
        attack(send, link);
      },
      onMessage(bytes) {
        const message = decodePeerMessage(bytes);
        if (message.type === "bye") expect(message.reason).toBe("bad-blocks");
      },
      onDrain() {},
      onClose: () => {
        isDropped = true;
      },
      onSignal: (signal) => void client.relay(victim.peerId, signal),
    });
    client.subscribe({ onRelay: (_from, signal) => link.signal(signal) });
    client.announce();
    await until("the hostile peer to be dropped", () => isDropped);
    expect(victim.chunks).toEqual([]);
    expect(bystander.chunks).toEqual([]);
    expect(victim.mesh.stats().blocks.received).toBe(0);
    expect(victim.mesh.stats().neighbors.map(({ peer: id }) => id)).not.toContain(hostileId);
  },
);

it("drops a parent that pushes wrongly signed blocks, after the third", async () => {
  const { publisher, tracker, peer } = stream();
  const hostileId = newPeerId();
  // The tracker's word, not the peer's own: here the tracker is deceived, too.
  const client = tracker.client(hostileId, "seeder");
  const links = nodeLinks({ bindAddress: "127.0.0.1" });
  closers.push(() => links.close());
  client.announce();
  const answers = new Map<string, Link>();
  let sent = 0;
  let isDropped = false;
  client.subscribe({
    onRelay: (from, signal) => {
      let link = answers.get(from.peerId);
      if (link === undefined && signal.type === "offer") {
        const answer = links.create(from, "answer", {
          onOpen: () => {},
          onMessage: (bytes) => {
            const message = decodePeerMessage(bytes);
            if (message.type === "hello") answer.send(bytes);
            if (message.type !== "subscribe") return;
            const { track, stripe } = message;
            answer.send(encodePeerMessage({ type: "accept", track, stripe, route: [] }));
            // Genuine but for the signature, on the very stripe that was asked for.
            const block = stranger.block({ sequence: stripe, sourceTimeMs: Date.now() });
            sent++;
            answer.send(encodePeerMessage({ type: "block", block }));
          },
          onDrain: () => {},
          onClose: () => {
            isDropped = true;
          },
          onSignal: (own) => void client.relay(from.peerId, own),
        });
        answers.set(from.peerId, answer);
        link = answer;
      }
      link?.signal(signal);
    },
  });
  tracker.descriptor = publisher.signed();
  const victim = peer("viewer");
  await until("the hostile seeder to be dropped", () => isDropped);
  expect(sent).toBeGreaterThanOrEqual(3);
  expect(victim.chunks).toEqual([]);
  const { received, rejected } = victim.mesh.stats().blocks;
  expect(received).toBe(0);
  // More may have been on the way already when the third was found out.
  expect(rejected).toBeGreaterThanOrEqual(3);
});
