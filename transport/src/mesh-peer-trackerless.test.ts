import { expect, it } from "vitest";
import type { MeshChunk } from "#mesh";
import { type Block, type PeerId, peerIdFromBytes, type Role } from "#protocol";
import { memoryLinks } from "./memory/index.ts";
import type { MeshOrigin, MeshPeerOptions } from "./mesh-peer/mesh-peer-options.ts";
import { MeshPeer } from "./mesh-peer.ts";
import { MemoryTracker, type MemoryTrackerClient } from "./testing/memory-tracker.ts";
import { nodeCrypto256 } from "./testing/node-crypto.ts";
import { TestMembers } from "./testing/test-members.ts";
import { TestPublisher } from "./testing/test-publisher.ts";
import { testChunkBlocks } from "./testing/test-stream.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

const CHUNK_MS = 200;
const id = (n: number) => peerIdFromBytes(new Uint8Array(10).fill(n));

type Member = { client: MemoryTrackerClient; peer: MeshPeer; chunks: MeshChunk[] };

/** Real engines and a tracker that signs; the origin tells newcomers where the stream is and no more. */
class Swarm {
  readonly clock = new VirtualClock();
  readonly publisher = new TestPublisher();
  readonly members = new TestMembers(this.publisher.streamId);
  readonly tracker = new MemoryTracker();
  readonly network = memoryLinks({ schedule: this.clock.schedule, latencyMs: 15 });
  readonly seeder: Member;
  #published: Block[][] = [];

  constructor() {
    this.tracker.descriptor = this.publisher.signed();
    this.tracker.members = this.members;
    this.tracker.clockOffsetMs = this.clock.wallClockMs() - this.clock.nowMs();
    this.seeder = this.join(1, "seeder");
  }

  join(n: number, role: Role = "viewer", options: Partial<MeshPeerOptions> = {}): Member {
    const peerId = id(n);
    const chunks: MeshChunk[] = [];
    const client = this.tracker.client(peerId, role);
    const peer = new MeshPeer({
      streamId: this.publisher.streamId,
      peerId,
      role,
      tracker: client,
      links: this.network.factory(peerId),
      crypto: nodeCrypto256,
      clock: this.clock,
      origin: this.#origin(),
      onChunk: (chunk) => chunks.push(chunk),
      ...options,
    });
    peer.start();
    return { client, peer, chunks };
  }

  /** Somebody who was signed, and comes when the tracker is away; knows only `first`. */
  async joinThrough(first: Member, n: number): Promise<Member> {
    const membership = this.members.membership({ peerId: id(n), role: "viewer" });
    const newcomer = this.join(n, "viewer", { membership });
    await this.run(CHUNK_MS);
    this.tracker.pair(newcomer.client, first.client);
    return newcomer;
  }

  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= CHUNK_MS) {
      const sourceTimeMs = this.clock.wallClockMs() - CHUNK_MS;
      const blocks = testChunkBlocks(this.publisher, this.#published.length, sourceTimeMs);
      this.#published.push(blocks);
      this.seeder.peer.publish(blocks);
      await this.clock.advance(CHUNK_MS);
    }
  }

  get newest(): number {
    return this.#published.length - 1;
  }

  #origin(): MeshOrigin {
    const away = { ok: false, reason: "unreachable" } as const;
    return {
      join: async () => ({
        ok: true,
        descriptor: this.publisher.signed(),
        blocks: this.#published.slice(this.newest - (this.newest % 5)).flat(),
      }),
      descriptor: async () => away,
      chunkBlocks: async () => away,
    };
  }
}

async function orphaned(viewerCount: number) {
  const swarm = new Swarm();
  await swarm.seeder.peer.updateDescriptor(swarm.publisher.signed());
  await swarm.run(1000);
  const viewers = Array.from({ length: viewerCount }, (_, n) => swarm.join(2 + n));
  await swarm.run(4000);
  swarm.tracker.goAway();
  await swarm.run(1000);
  return { swarm, viewers };
}

function neighborsOf({ peer }: Member): PeerId[] {
  return peer
    .stats()
    .neighbors.map((neighbor) => neighbor.peer)
    .sort();
}

it("admits a newcomer through any one member, and it plays from all of them", async () => {
  const { swarm, viewers } = await orphaned(4);
  const [first] = viewers;
  if (first === undefined) throw new Error("four viewers");
  const newcomer = await swarm.joinThrough(first, 20);
  await swarm.run(15_000);
  expect(neighborsOf(newcomer)).toEqual([1, 2, 3, 4, 5].map(id).sort());
  const newestHad = Math.max(...newcomer.chunks.map(({ sequence }) => sequence));
  expect(newestHad).toBeGreaterThanOrEqual(swarm.newest - 2);
});

it("heals: those who stay find each other when many leave, without the tracker", async () => {
  const { swarm, viewers } = await orphaned(20);
  const staying = viewers.slice(14);
  const strangersOf = (member: Member): number =>
    staying.filter(
      (other) => other !== member && !neighborsOf(member).includes(other.client.record.peerId),
    ).length;
  const before = staying.reduce((sum, member) => sum + strangersOf(member), 0);
  expect(before).toBeGreaterThan(0);
  const leaving = viewers.slice(0, 14).map(({ peer }) => peer.close());
  await swarm.run(30_000);
  await Promise.all(leaving);
  expect(staying.map(strangersOf)).toEqual(staying.map(() => 0));
  for (const { chunks } of staying) {
    const newestHad = Math.max(...chunks.map(({ sequence }) => sequence));
    expect(newestHad).toBeGreaterThanOrEqual(swarm.newest - 2);
  }
});
