import { describe, expect, it } from "vitest";
import { simPeerId } from "./ids.ts";
import type { RunResult } from "./result.ts";
import { runScenario } from "./run.ts";
import { parseScenario } from "./scenario-file.ts";
import { Simulation } from "./simulation.ts";

const METER = { nowMs: () => 0, cpuMs: () => 0, peakRssMb: () => 0 };

function run(json: object, seed = 1): RunResult {
  const small = { peers: 12, durationMs: 12_000, measureFromMs: 6000, arrival: { overMs: 2000 } };
  return runScenario(parseScenario({ ...small, ...json }, "test"), seed, METER).result;
}

describe("a run", () => {
  it("is the same for the same seed, and another for another", () => {
    const scenario = { churnPerMinute: 1, misbehaving: [{ share: 0.1, as: "polluter" }] };
    const first = run(scenario, 7);
    expect(run(scenario, 7)).toEqual(first);
    expect(run(scenario, 8).hash).not.toBe(first.hash);
  });

  it("of a small steady swarm plays without violations and sends few copies", () => {
    const result = run({});
    expect(result.violations).toEqual([]);
    expect(result.continuityMean).toBeGreaterThan(0.95);
    expect(result.neverStarted).toBe(0);
    expect(result.sourceCopies).toBeLessThan(6);
    expect(result.delayMsP50).toBeGreaterThan(0);
    expect(result.floorMs).toBeGreaterThan(0);
  });

  it("never has an altered block relayed by an honest viewer", () => {
    // From the start: later on, all polluters are known.
    const result = run({ measureFromMs: 500, misbehaving: [{ share: 0.25, as: "polluter" }] });
    expect(result.rejectedBlocks).toBeGreaterThan(0);
    expect(result.pollutedRelays).toBe(0);
    expect(result.violations).toEqual([]);
  });

  it("goes on when half of the viewers vanish, the tracker and the origin go and tabs are hidden", () => {
    const result = run({
      hiddenShare: 0.5,
      incidents: [
        { atMs: 6000, type: "tracker-lost" },
        { atMs: 6500, type: "vanish", share: 0.5 },
        { atMs: 7000, type: "origin-lost" },
        { atMs: 7000, type: "slow-uplinks", share: 0.3, factor: 0.1 },
        { atMs: 8000, type: "seeder-cut", forMs: 500 },
        { atMs: 9000, type: "turn", share: 0.2, into: "liar" },
        { atMs: 9000, type: "crowd", viewers: 5, overMs: 1000 },
      ],
    });
    expect(result.violations).toEqual([]);
    expect(result.peers).toBe(17);
  });

  it("has attackers that besiege the first viewer and are no viewers themselves", () => {
    const result = run({ eclipsers: 10 });
    expect(result.violations).toEqual([]);
    expect(result.continuityMin).toBeGreaterThan(0.5);
  });

  it("tells at the next event that bytes have gone missing", () => {
    const simulation = new Simulation(parseScenario({ peers: 2 }, "leak"), 1);
    simulation.run(3000);
    expect(simulation.invariants.violations).toEqual([]);
    simulation.network.bytes.received -= 100;
    simulation.run(3100);
    expect(simulation.invariants.violations[0]).toMatch(/^at 3\.\d+ s: \d+ bytes sent, but/);
  });

  it("has the links of a stated topology and no others", () => {
    const overlay = "static";
    const scenario = parseScenario({ peers: 30, hardNatShare: 0, overlay }, "chain");
    // Everybody to the one before, the first to the seeder.
    const chain = Array.from({ length: 30 }, (_, i) => [simPeerId(i), [simPeerId(i + 1)]]);
    const simulation = new Simulation(scenario, 3, { topology: Object.fromEntries(chain) });
    simulation.run(15_000);
    const degrees = [simulation.seeder, ...simulation.viewers].map(({ engine }, i) => {
      const neighbors = engine.stats().neighbors.map(({ peer }) => peer);
      const stated = [simPeerId(i - 1), simPeerId(i + 1)];
      expect(stated).toEqual(expect.arrayContaining(neighbors));
      return neighbors.length;
    });
    expect(degrees).toEqual([1, ...Array(29).fill(2), 1]);
  });
});
