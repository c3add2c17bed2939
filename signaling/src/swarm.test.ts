import { describe, expect, it } from "vitest";
import { type Member, Swarm } from "./swarm.ts";
import { seededRandom, testPeerId } from "./testing/peer-ids.ts";

function member(number: number, role: "viewer" | "seeder" = "viewer"): Member {
  const record = { peerId: testPeerId(number), role };
  const socketId = `socket-${number}`;
  return { record, socketId, tracker: undefined, place: {}, introduced: new Set() };
}

function swarmOf(count: number): Swarm {
  const swarm = new Swarm();
  for (let i = 0; i < count; i++) swarm.add(member(i));
  return swarm;
}

describe("Swarm", () => {
  it("draws different viewers, never the seeder and never the one that asks", () => {
    const swarm = swarmOf(20);
    swarm.add(member(99, "seeder"));
    const random = seededRandom(7);
    for (let round = 0; round < 200; round++) {
      const ids = swarm.viewers
        .sample(8, random, swarm.get(testPeerId(3)))
        .map(({ record }) => record.peerId);
      expect(ids).toHaveLength(8);
      expect(new Set(ids).size).toBe(8);
      expect(ids).not.toContain(testPeerId(3));
      expect(ids).not.toContain(testPeerId(99));
    }
  });

  it("draws everybody there is when that is fewer than asked for", () => {
    const swarm = swarmOf(5);
    const ids = swarm.viewers
      .sample(16, seededRandom(1), swarm.get(testPeerId(0)))
      .map(({ record }) => record.peerId);
    expect(ids.toSorted()).toEqual([1, 2, 3, 4].map(testPeerId));
  });

  it("draws each viewer about equally often", () => {
    const swarm = swarmOf(10);
    const random = seededRandom(42);
    const counts = new Map<string, number>();
    for (let round = 0; round < 3000; round++) {
      for (const { record } of swarm.viewers.sample(3, random)) {
        counts.set(record.peerId, (counts.get(record.peerId) ?? 0) + 1);
      }
    }
    // 900 expected each; 5 standard deviations are 125.
    for (const count of counts.values()) expect(Math.abs(count - 900)).toBeLessThan(125);
    expect(counts.size).toBe(10);
  });

  it("forgets who left, whatever the order", () => {
    const swarm = swarmOf(6);
    for (const number of [0, 5, 2]) swarm.remove(testPeerId(number));
    swarm.remove(testPeerId(2));
    expect(swarm.viewerCount).toBe(3);
    const left = swarm.viewers.sample(16, seededRandom(3)).map(({ record }) => record.peerId);
    expect(left.toSorted()).toEqual([1, 3, 4].map(testPeerId));
  });

  it("counts the seeder as a member but not as a viewer", () => {
    const swarm = swarmOf(2);
    swarm.add(member(9, "seeder"));
    expect([swarm.size, swarm.viewerCount]).toEqual([3, 2]);
    swarm.remove(testPeerId(9));
    expect([swarm.size, swarm.seeder]).toEqual([2, undefined]);
  });
});
