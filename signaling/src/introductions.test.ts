import { describe, expect, it } from "vitest";
import { chooseIntroductions, type IntroductionWish, introducedAs } from "./introductions.ts";
import { type Member, type Place, Swarm } from "./swarm.ts";
import { seededRandom, testPeerId } from "./testing/peer-ids.ts";

function add(swarm: Swarm, number: number, place: Place = {}): Member {
  const record = { peerId: testPeerId(number), role: "viewer" } as const;
  const socketId = `socket-${number}`;
  const member = { record, socketId, tracker: undefined, place, introduced: new Set<never>() };
  swarm.add(member);
  return member;
}

function swarmOf(count: number, placeOf: (number: number) => Place = () => ({})) {
  const swarm = new Swarm();
  const members = Array.from({ length: count }, (_, i) => add(swarm, i, placeOf(i)));
  return { swarm, member: members.at(-1) ?? add(swarm, 0) };
}

function choose(wish: Pick<IntroductionWish, "swarm" | "member"> & Partial<IntroductionWish>) {
  const whole = { count: 8, freshMax: 99, isNearFirst: false, isSuspect: () => false };
  return chooseIntroductions({ ...whole, random: seededRandom(5), ...wish }).map(
    ({ record }) => record.peerId,
  );
}

/** Of many draws, how many of each were in the group. */
function average(times: number, draw: () => string[], group: ReadonlySet<string>): number {
  let found = 0;
  for (let i = 0; i < times; i++) found += draw().filter((id) => group.has(id)).length;
  return found / times;
}

describe("introductions", () => {
  it("name as many of those who came last as of all, nobody twice, and not who asks", () => {
    const { swarm, member } = swarmOf(1000);
    const random = seededRandom(5);
    const last = new Set(Array.from({ length: 40 }, (_, i) => testPeerId(960 + i)));
    const draw = () => {
      const ids = choose({ swarm, member, random });
      expect(new Set(ids).size).toBe(8);
      expect(ids).not.toContain(member.record.peerId);
      return ids;
    };
    const recent = average(200, draw, last);
    expect(recent).toBeGreaterThan(3.9);
    expect(recent).toBeLessThan(4.8);
  });

  it("name everybody there is when that is fewer than asked for, and nobody who left", () => {
    const { swarm, member } = swarmOf(6);
    swarm.remove(testPeerId(2));
    expect(choose({ swarm, member, count: 16 }).toSorted()).toEqual([0, 1, 3, 4].map(testPeerId));
  });

  it("never name who takes no links, though it is counted", () => {
    const { swarm, member } = swarmOf(6, (number) => ({
      network: "a",
      region: "b",
      isHttpOnly: number % 2 === 0,
    }));
    expect(swarm.viewerCount).toBe(6);
    expect(choose({ swarm, member, count: 16 }).toSorted()).toEqual([1, 3].map(testPeerId));
    swarm.remove(testPeerId(2));
    expect(swarm.viewerCount).toBe(5);
  });

  it("rotate: who was not named before goes first", () => {
    const { swarm, member } = swarmOf(40);
    const seen = new Set<string>();
    const random = seededRandom(2);
    for (let round = 0; round < 8; round++) {
      for (const id of choose({ swarm, member, count: 5, random })) {
        seen.add(id);
        member.introduced.add(id);
      }
    }
    // Without rotation, 40 draws of 39 would find about 25.
    expect(seen.size).toBeGreaterThanOrEqual(34);
  });

  it("name the same network first where the overlay is nearby, then the same region", () => {
    const { swarm, member } = swarmOf(500, (number) => ({
      network: number % 100 === 99 ? "lan" : `n${number}`,
      region: number % 10 === 9 ? "eu" : "us",
    }));
    const chosen = choose({ swarm, member, isNearFirst: true, count: 10 });
    const lan = [99, 199, 299, 399].map(testPeerId);
    expect(chosen.slice(0, 4).toSorted()).toEqual(lan.toSorted());
    const region = Array.from({ length: 50 }, (_, i) => testPeerId(10 * i + 9));
    for (const id of chosen) expect(region).toContain(id);
  });

  it("name only some near ones otherwise, so that the swarm hangs together", () => {
    const { swarm, member } = swarmOf(500, (number) => ({ network: `n${number % 5}` }));
    const near = new Set(Array.from({ length: 100 }, (_, i) => testPeerId(5 * i + 4)));
    const random = seededRandom(3);
    const count = average(200, () => choose({ swarm, member, random }), near);
    // Two of eight by choice, a fifth of the rest by chance.
    expect(count).toBeGreaterThan(2.5);
    expect(count).toBeLessThan(4);
  });

  it("leave out who cannot be reached while others can", () => {
    const { swarm, member } = swarmOf(21, (number) => ({
      nat: number % 2 === 0 ? "symmetric" : "cone",
    }));
    const symmetric = new Set(Array.from({ length: 11 }, (_, i) => testPeerId(2 * i)));
    const random = seededRandom(4);
    expect(average(100, () => choose({ swarm, member, count: 4, random }), symmetric)).toBeLessThan(
      0.6,
    );
    const alone = swarmOf(3, () => ({ nat: "symmetric" }));
    expect(choose(alone)).toHaveLength(2);
  });

  it("prefer who can send much, without naming only those", () => {
    const { swarm, member } = swarmOf(400, (number) => ({
      uploadBps: number % 2 === 0 ? 50e6 : 1e6,
    }));
    const capable = new Set(Array.from({ length: 200 }, (_, i) => testPeerId(2 * i)));
    const random = seededRandom(6);
    const count = average(200, () => choose({ swarm, member, random }), capable);
    expect(count).toBeGreaterThan(5.5);
    expect(count).toBeLessThan(7.9);
  });

  it("name relays of operators to everybody, however few they are, and not more than a quarter", () => {
    const { swarm, member } = swarmOf(300, (number) => ({ uploadBps: number < 3 ? 1e9 : 1e6 }));
    const relays = new Set([0, 1, 2].map(testPeerId));
    const random = seededRandom(6);
    expect(average(50, () => choose({ swarm, member, count: 12, random }), relays)).toBe(3);
    expect(average(50, () => choose({ swarm, member, count: 8, random }), relays)).toBeLessThan(
      2.5,
    );
    swarm.remove(testPeerId(0));
    expect(choose({ swarm, member, count: 12 })).not.toContain(testPeerId(0));
  });

  it("name no more strangers than the budget has, but old acquaintances all the same", () => {
    const { swarm, member } = swarmOf(30);
    expect(choose({ swarm, member, freshMax: 3 })).toHaveLength(3);
    expect(choose({ swarm, member, freshMax: 0 })).toHaveLength(0);
    for (let i = 0; i < 29; i++) member.introduced.add(testPeerId(i));
    expect(choose({ swarm, member, freshMax: 0 })).toHaveLength(8);
  });

  it("say how near a peer is", () => {
    const { swarm, member } = swarmOf(1, () => ({ network: "lan", region: "eu" }));
    const nearOf = (place: Place) => introducedAs(add(swarm, 7, place), member).near;
    expect(nearOf({ network: "lan", region: "eu" })).toBe("network");
    expect(nearOf({ network: "other", region: "eu" })).toBe("region");
    expect(nearOf({})).toBeUndefined();
  });
});
