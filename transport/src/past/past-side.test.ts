import { describe, expect, it } from "vitest";
import { type Block, decodeBlock, type PeerId, type Role } from "#protocol";
import { memoryLinks } from "../memory/index.ts";
import type { MeshOrigin } from "../mesh-peer/mesh-peer-options.ts";
import { MeshPeer } from "../mesh-peer.ts";
import { newPeerId } from "../peer-id.ts";
import { MemoryTracker } from "../testing/memory-tracker.ts";
import { nodeCrypto256 } from "../testing/node-crypto.ts";
import { TestPublisher } from "../testing/test-publisher.ts";
import { testChunkBlocks, testChunkBytes } from "../testing/test-stream.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { PastSide } from "./past-side.ts";

const CHUNK_MS = 200;
const MB = 1024 * 1024;

/** A stream that keeps its past, real engines in virtual time. */
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
  /** Sequences asked of the origin. */
  readonly fetched: number[] = [];
  isOriginUp = true;
  /** What the origin says for a chunk, if not the truth. */
  forge: ((blocks: Block[]) => Block[]) | undefined;
  readonly seeder: MeshPeer;

  constructor() {
    this.tracker.descriptor = this.publisher.signed();
    this.tracker.clockOffsetMs = this.clock.wallClockMs() - this.clock.nowMs();
    this.seeder = this.#peer(newPeerId(), "seeder");
  }

  async start(): Promise<void> {
    this.seeder.start();
    await this.seeder.updateDescriptor(this.publisher.signed());
  }

  viewer(keepBytes = 32 * MB) {
    const peer = this.#peer(newPeerId(), "viewer");
    let past: PastSide | undefined;
    peer.start();
    peer.attachPast((parts) => {
      past = new PastSide(parts, keepBytes);
      return past;
    });
    if (past === undefined) throw new Error("attachPast makes the past side at once");
    return { peer, past };
  }

  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= CHUNK_MS) {
      const sourceTimeMs = this.clock.wallClockMs() - CHUNK_MS;
      const blocks = testChunkBlocks(this.publisher, this.published.length, sourceTimeMs);
      this.published.push(blocks);
      this.seeder.publish(blocks);
      await this.clock.advance(CHUNK_MS);
    }
  }

  /** The chunk, and the time it took while the stream goes on. */
  async get(past: PastSide, sequence: number) {
    const beginMs = this.clock.nowMs();
    let result: { bytes: Uint8Array | undefined; tookMs: number } | undefined;
    void past.chunk(0, sequence).then((chunk) => {
      result = { bytes: chunk?.bytes, tookMs: this.clock.nowMs() - beginMs };
    });
    for (let tries = 0; result === undefined && tries < 60; tries++) await this.run(CHUNK_MS);
    if (result === undefined) throw new Error("no answer, not even that there is none");
    return result;
  }

  #peer(peerId: PeerId, role: Role) {
    return new MeshPeer({
      streamId: this.publisher.streamId,
      peerId,
      role,
      tracker: this.tracker.client(peerId, role),
      crypto: nodeCrypto256,
      clock: this.clock,
      origin: this.#origin(),
      links: this.network.factory(peerId),
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
        this.fetched.push(sequence);
        const blocks = this.published[sequence];
        if (!this.isOriginUp || blocks === undefined) return away;
        return { ok: true, blocks: this.forge?.(blocks) ?? blocks };
      },
    };
  }
}

describe("chunks of the past", () => {
  it("come from a neighbor that kept them, without the origin", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(1000);
    const keeper = swarm.viewer();
    await swarm.run(20_000);
    const newcomer = swarm.viewer();
    await swarm.run(3000);
    // The first question goes out together with the first wish: the origin answers that one.
    await swarm.get(newcomer.past, 20);
    await swarm.run(1000);
    swarm.isOriginUp = false;
    const before = newcomer.peer.stats().bytes.fromPeers;
    const uploaded = keeper.peer.stats().bytes.uploaded;
    const { bytes } = await swarm.get(newcomer.past, 30);
    expect(bytes).toEqual(testChunkBytes(30));
    expect(swarm.fetched).not.toContain(30);
    expect(newcomer.peer.stats().bytes.fromPeers).toBeGreaterThan(before);
    expect(keeper.peer.stats().bytes.uploaded).toBeGreaterThan(uploaded);
    expect(newcomer.peer.stats().blocks.rejected).toBe(0);
    // What was fetched is kept as well, for ourselves and for others.
    expect((await swarm.get(newcomer.past, 30)).tookMs).toBeLessThanOrEqual(CHUNK_MS);
  });

  it("come from the origin where no neighbor kept them", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(20_000);
    const { past } = swarm.viewer();
    await swarm.run(2000);
    expect((await swarm.get(past, 10)).bytes).toEqual(testChunkBytes(10));
    expect(swarm.fetched).toContain(10);
  });

  it("are asked of the origin when the neighbor that named them has gone silent", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(1000);
    const keeper = swarm.viewer();
    await swarm.run(15_000);
    const newcomer = swarm.viewer();
    await swarm.run(2000);
    await swarm.get(newcomer.past, 20);
    await swarm.run(1000);
    // Says that it keeps them, and sends nothing.
    keeper.past.chunk = () => new Promise(() => {});
    keeper.past.heard = () => {};
    const { bytes, tookMs } = await swarm.get(newcomer.past, 40);
    expect(bytes).toEqual(testChunkBytes(40));
    expect(swarm.fetched).toContain(40);
    expect(tookMs).toBeLessThan(3000);
  });

  it("are nothing when nobody has them, or what comes is not what was signed", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(5000);
    const { past } = swarm.viewer();
    await swarm.run(1000);
    expect((await swarm.get(past, 1_000_000)).bytes).toBeUndefined();
    swarm.forge = (blocks) =>
      blocks.map(({ bytes }) => decodeBlock(bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)));
    expect((await swarm.get(past, 3)).bytes === undefined).toBe(true);
    const waits = past.chunk(0, 4);
    past.close();
    expect(await waits).toBeUndefined();
  });

  it("are kept within a bound", async () => {
    const swarm = new Swarm();
    await swarm.start();
    await swarm.run(1000);
    const { past } = swarm.viewer(100_000);
    await swarm.run(20_000);
    expect(past.keptBytes).toBeGreaterThan(50_000);
    expect(past.keptBytes).toBeLessThanOrEqual(100_000);
  });
});
