import { describe, expect, it } from "vitest";
import { forged, testBlocks, type VirtualPeer, VirtualSwarm } from "./testing/index.ts";

/** Names differ at the start: the first bytes of an id say in which trees its peer has its place. */
const NAMES = "abcdefghijklmnopqrstuvwxyz";

/** A swarm whose viewers came one every half second and settled. */
function settledSwarm(viewers: number, seed = 7): VirtualSwarm {
  const swarm = new VirtualSwarm({ seed });
  swarm.run(2000);
  for (let i = 0; i < viewers; i++) {
    swarm.join(`${NAMES[i % 26]}${NAMES[Math.floor(i / 26)]}viewer`);
    swarm.run(swarm.nowMs + 500);
  }
  swarm.run(swarm.nowMs + 3000);
  return swarm;
}

function watch(swarm: VirtualSwarm, forMs: number) {
  const fromMs = swarm.nowMs;
  const before = {
    copy: swarm.copyBytes,
    sent: swarm.seeder.engine.stats().bytes.uploaded + swarm.originBytes,
  };
  swarm.run(fromMs + forMs);
  const sent = swarm.seeder.engine.stats().bytes.uploaded + swarm.originBytes - before.sent;
  return {
    fromMs,
    sourceCopies: sent / (swarm.copyBytes - before.copy),
    worstContinuity: (latencyMs: number, of: VirtualPeer[] = swarm.viewers) =>
      Math.min(
        ...of.map((peer) => swarm.continuity(peer, fromMs, fromMs + forMs - 2000, latencyMs)),
      ),
  };
}

describe("a swarm in virtual time", () => {
  it.each([1, 2, 5, 10])("carries %i viewers with little more than one copy", (viewers) => {
    const swarm = settledSwarm(viewers);
    const { sourceCopies, worstContinuity } = watch(swarm, 20_000);
    expect(sourceCopies).toBeLessThan(1.3);
    expect(worstContinuity(1000)).toBe(1);
  });

  it("delivers no chunk twice and nothing that is not genuine", () => {
    const swarm = settledSwarm(8);
    swarm.run(swarm.nowMs + 10_000);
    for (const { delivered } of swarm.viewers) {
      const keys = delivered.map(({ chunk }) => `${chunk.track}/${chunk.sequence}`);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it("wastes little: duplicates under 3 %, control under 3 % of what is received", () => {
    const swarm = settledSwarm(10);
    swarm.run(swarm.nowMs + 20_000);
    for (const { engine } of swarm.viewers) {
      const { bytes } = engine.stats();
      const received = bytes.fromPeers + bytes.fromSeeder + bytes.fromOrigin;
      expect(bytes.duplicate / received).toBeLessThan(0.03);
      expect(bytes.control / 2 / received).toBeLessThan(0.03);
    }
  });

  it("plays on when a third of the viewers vanish without a word", () => {
    const swarm = settledSwarm(9);
    for (const victim of swarm.viewers.slice(0, 3)) swarm.kill(victim);
    const { worstContinuity } = watch(swarm, 15_000);
    expect(worstContinuity(1500)).toBeGreaterThan(0.97);
  });

  it("plays on from the origin when the seeder vanishes, and shares what it fetched", () => {
    const worst = [1, 2, 3, 4, 5, 6].map((seed) => {
      const swarm = settledSwarm(6, seed);
      swarm.kill(swarm.seeder);
      swarm.run(swarm.nowMs + 5000);
      const { worstContinuity, sourceCopies } = watch(swarm, 15_000);
      expect(sourceCopies).toBeLessThan(4);
      return worstContinuity(2500);
    });
    expect(Math.min(...worst)).toBeGreaterThan(0.98);
    expect(worst.reduce((sum, each) => sum + each, 0) / worst.length).toBeGreaterThan(0.99);
  });

  it("plays on when the origin is gone", () => {
    const swarm = settledSwarm(6);
    swarm.isOriginUp = false;
    expect(watch(swarm, 15_000).worstContinuity(1000)).toBe(1);
  });

  it.each([1, 5])(
    "never leaves %i viewers worse off than plain HTTP when the seeder sends nothing",
    (viewers) => {
      const swarm = new VirtualSwarm({ seed: 7, seederOptions: { uploadLimitBps: 0 } });
      swarm.run(2000);
      for (let i = 0; i < viewers; i++) swarm.join(`${NAMES[i]}viewer`);
      swarm.run(8000);
      const { worstContinuity } = watch(swarm, 15_000);
      expect(worstContinuity(1200)).toBeGreaterThan(0.98);
      expect(swarm.seeder.engine.stats().bytes.uploaded).toBe(0);
    },
  );

  it("lets no forged block past the first honest peer, and drops who sent it", () => {
    const swarm = settledSwarm(5);
    const [victim, forger] = swarm.viewers;
    if (victim === undefined || forger === undefined) throw new Error("two viewers expected");
    const before = victim.engine.stats().blocks.rejected;
    for (let sequence = 0; sequence < 24; sequence++) {
      const sourceTimeMs = swarm.nowMs - 200;
      for (const block of testBlocks({ track: 0, sequence, sourceTimeMs, sizeBytes: 9000 })) {
        const message = { type: "block", block: forged(block) } as const;
        swarm.inject(victim, { type: "message-received", from: forger.id, message, sizeBytes: 1 });
      }
    }
    swarm.run(swarm.nowMs + 1000);
    expect(victim.engine.stats().blocks.rejected).toBeGreaterThanOrEqual(before + 3);
    const remaining = victim.engine.stats().neighbors.map(({ peer }) => peer);
    expect(remaining).not.toContain(forger.id);
    for (const peer of swarm.viewers) {
      for (const { chunk } of peer.delivered) expect(chunk.sourceTimeMs).toBeGreaterThanOrEqual(0);
    }
  });

  it("is the same run for the same seed", () => {
    const digest = (seed: number) =>
      settledSwarm(5, seed)
        .viewers.map(({ engine }) => JSON.stringify(engine.stats()))
        .join();
    expect(digest(3)).toBe(digest(3));
    expect(digest(3)).not.toBe(digest(4));
  });
});
