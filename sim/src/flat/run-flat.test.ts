import { describe, expect, it } from "vitest";
import { type Scenario, STEADY } from "../scenario.ts";
import { FlatSchedule } from "./flat-schedule.ts";
import { runFlat } from "./run-flat.ts";

const SMALL: Scenario = { ...STEADY, peers: 40, durationMs: 12_000, measureFromMs: 6000 };
describe("the flat model", () => {
  it("takes the same course for the same seed, and another for another", () => {
    const first = runFlat(SMALL, 5);
    expect(runFlat(SMALL, 5)).toEqual(first);
    expect(runFlat(SMALL, 6).hash).not.toBe(first.hash);
  });

  it("has no loops, and no peer with more children than it may have", () => {
    const { swarm } = new FlatSchedule({ ...SMALL, churnPerMinute: 2 }, 3);
    for (let atMs = 1000; atMs <= SMALL.durationMs; atMs += 500) {
      swarm.run(atMs);
      const { plan, parents, links, peers, children } = swarm;
      for (const peer of peers.aliveViewers()) {
        for (let stripe = 0; stripe < plan.stripes; stripe++) {
          let hops = 0;
          for (let at = peer; at !== 0 && hops <= 40; hops++) {
            const slot = parents.by[at * plan.stripes + stripe] as number;
            if (slot < 0) break;
            at = links.peer[slot] as number;
          }
          expect(hops, `hops of peer ${peer}, stripe ${stripe} at ${atMs} ms`).toBeLessThan(40);
          expect(children.count(peer, stripe)).toBeLessThanOrEqual(12);
        }
      }
    }
  });

  it("plays on through churn, a crowd, a lost tracker and half of the swarm gone", () => {
    const scenario: Scenario = {
      ...SMALL,
      durationMs: 25_000,
      churnPerMinute: 0.2,
      incidents: [
        { type: "crowd", atMs: 9000, viewers: 20, overMs: 2000 },
        { type: "vanish", atMs: 14_000, share: 0.5 },
        { type: "seeder-cut", atMs: 17_000, forMs: 500 },
        { type: "slow-uplinks", atMs: 18_000, share: 0.2, factor: 0.5 },
        { type: "tracker-lost", atMs: 20_000 },
      ],
    };
    const result = runFlat(scenario, 2);
    expect(result.peers).toBe(60);
    expect(result.neverStarted).toBe(0);
    expect(result.continuityMean).toBeGreaterThan(0.9);
    expect(result.recoveryMs).toBeGreaterThan(0);
  });

  it("says what it does not have instead of leaving it out", () => {
    expect(() => runFlat({ ...SMALL, lanSize: 4 }, 1)).toThrow(/lanSize/);
    expect(() => runFlat({ ...SMALL, scheduler: "deadline-pull" }, 1)).toThrow(/deadline-pull/);
    const turn = { type: "turn", atMs: 1000, share: 0.1, into: "liar" } as const;
    expect(() => runFlat({ ...SMALL, incidents: [turn] }, 1)).toThrow(/turn/);
  });
});
