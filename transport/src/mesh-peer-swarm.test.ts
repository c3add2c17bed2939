import { describe, expect, it } from "vitest";
import type { MeshChunk } from "#mesh";
import type { Block, PeerId, Role } from "#protocol";
import { memoryLinks } from "./memory/index.ts";
import type { MeshOrigin } from "./mesh-peer/mesh-peer-options.ts";
import { MeshPeer } from "./mesh-peer.ts";
import { newPeerId } from "./peer-id.ts";
import { MemoryTracker } from "./testing/memory-tracker.ts";
import { nodeCrypto256 } from "./testing/node-crypto.ts";
import { TestPublisher } from "./testing/test-publisher.ts";
import { testChunkBlocks, testChunkBytes } from "./testing/test-stream.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

const CHUNK_MS = 200;

/** A stream, its seeder and viewers, all with real engines; time and network are virtual. */
class Swarm {
  readonly clock = new VirtualClock();
  readonly publisher = new TestPublisher();
  readonly tracker = new MemoryTracker();
  readonly network = memoryLinks({
    schedule: this.clock.schedule,
    latencyMs: 15,
    rateBps: 20_000_000,
  });
  readonly published: Block[][] = [];
  readonly seeder: MeshPeer;
  isOriginUp = true;

  constructor() {
    this.tracker.descriptor = this.publisher.signed();
    this.tracker.clockOffsetMs = this.clock.wallClockMs() - this.clock.nowMs();
    this.seeder = this.#peer(newPeerId(), "seeder", () => {});
  }

  async start(): Promise<void> {
    this.seeder.start();
    await this.seeder.updateDescriptor(this.publisher.signed());
  }

  viewer({ hasLinks = true } = {}) {
    const chunks: MeshChunk[] = [];
    const peer = this.#peer(newPeerId(), "viewer", (chunk) => chunks.push(chunk), hasLinks);
    peer.start();
    return { peer, chunks };
  }

  /** Publish for `ms` of stream time. */
  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= CHUNK_MS) {
      const blocks = testChunkBlocks(
        this.publisher,
        this.published.length,
        this.clock.wallClockMs() - CHUNK_MS,
      );
      this.published.push(blocks);
      this.seeder.publish(blocks);
      await this.clock.advance(CHUNK_MS);
    }
  }

  #peer(peerId: PeerId, role: Role, onChunk: (chunk: MeshChunk) => void, hasLinks = true) {
    return new MeshPeer({
      streamId: this.publisher.streamId,
      peerId,
      role,
      tracker: this.tracker.client(peerId, role),
      crypto: nodeCrypto256,
      clock: this.clock,
      origin: this.#origin(),
      onChunk,
      ...(hasLinks ? { links: this.network.factory(peerId) } : {}),
    });
  }

  #origin(): MeshOrigin {
    const away = { ok: false, reason: "unreachable" } as const;
    return {
      join: async () => {
        if (!this.isOriginUp || this.published.length === 0) return away;
        const newest = this.published.length - 1;
        const blocks = this.published.slice(newest - (newest % 5)).flat();
        return { ok: true, descriptor: this.publisher.signed(), blocks };
      },
      descriptor: async () => away,
      chunkBlocks: async (_track, sequence) => {
        const blocks = this.published[sequence];
        return this.isOriginUp && blocks !== undefined ? { ok: true, blocks } : away;
      },
    };
  }
}

/** Every chunk from the first to the newest but `behind`, each once and intact. */
function expectContinuous(chunks: readonly MeshChunk[], newest: number, behind = 2): void {
  const sequences = chunks.map(({ sequence }) => sequence).sort((a, b) => a - b);
  const first = sequences[0] ?? 0;
  expect(sequences).toEqual(sequences.map((_, i) => first + i));
  expect(sequences.at(-1)).toBeGreaterThanOrEqual(newest - behind);
  for (const { sequence, bytes } of chunks) {
    expect(Buffer.compare(bytes, testChunkBytes(sequence)), `chunk ${sequence}`).toBe(0);
  }
}

describe("a swarm of mesh peers with real engines", () => {
  it("brings every chunk to every viewer, most of it over other viewers", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(2000);
    const viewers = Array.from({ length: 5 }, () => swarm.viewer());
    await swarm.run(12_000);
    for (const { chunks } of viewers) expectContinuous(chunks, swarm.published.length - 1);
    const sums = { fromPeers: 0, fromSeeder: 0, fromOrigin: 0 };
    for (const { peer } of viewers) {
      const { bytes, blocks } = peer.stats();
      expect(blocks.rejected).toBe(0);
      sums.fromPeers += bytes.fromPeers;
      sums.fromSeeder += bytes.fromSeeder;
      sums.fromOrigin += bytes.fromOrigin;
    }
    expect(sums.fromPeers).toBeGreaterThan(sums.fromSeeder + sums.fromOrigin);
    expect(sums.fromSeeder).toBeLessThanOrEqual(swarm.seeder.stats().bytes.uploaded);
  });

  it("plays on when the tracker is gone, and when the origin is gone too", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(2000);
    const viewers = Array.from({ length: 4 }, () => swarm.viewer());
    await swarm.run(4000);
    swarm.tracker.goAway();
    await swarm.run(4000);
    swarm.isOriginUp = false;
    await swarm.run(4000);
    for (const { chunks } of viewers) expectContinuous(chunks, swarm.published.length - 1);
  });

  it("plays from the origin alone where there is no WebRTC", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(2000);
    const { chunks, peer } = swarm.viewer({ hasLinks: false });
    await swarm.run(6000);
    expectContinuous(chunks, swarm.published.length - 1, 4);
    expect(peer.stats().neighbors).toEqual([]);
  });

  it("goes on among those who stay when one of them leaves", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(2000);
    const viewers = Array.from({ length: 4 }, () => swarm.viewer());
    await swarm.run(4000);
    const closed = viewers[0]?.peer.close();
    await swarm.run(4000);
    await closed;
    for (const { chunks, peer } of viewers.slice(1)) {
      expectContinuous(chunks, swarm.published.length - 1);
      expect(peer.stats().neighbors).toHaveLength(3);
    }
  });
});
