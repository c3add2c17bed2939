import { describe, expect, it } from "vitest";
import { EndOfMedia } from "./end-of-media.ts";
import { type Member, NO_FIGURES } from "./member.ts";

function membersWith(...received: number[]): Member[] {
  return received.map((fromPeers, index) => ({
    name: `peer${index}`,
    state: "running",
    figures: { ...NO_FIGURES, fromPeers },
    neighbors: 1,
    latency: { now: undefined, mean: undefined, max: undefined },
    kills: 0,
    problem: undefined,
  }));
}

const SOURCE = { copy: 100, seeder: 0, origin: 0 };

describe("media that was sent to its end", () => {
  it("has arrived when nobody got anything for three looks", () => {
    const end = new EndOfMedia();
    end.sent();
    const looks = [50, 60, 60, 60, 60].map((bytes) =>
      end.hasArrived(membersWith(bytes, 100), SOURCE),
    );
    expect(looks).toEqual([false, false, false, false, true]);
  });

  it("has arrived at once when all have all, but not before they are told so twice", () => {
    const end = new EndOfMedia();
    end.sent();
    expect(end.hasArrived(membersWith(100, 100), SOURCE)).toBe(false);
    expect(end.hasArrived(membersWith(100, 100), SOURCE)).toBe(true);
  });

  it("has not arrived while it is still being sent, or before anything was published", () => {
    const end = new EndOfMedia();
    const members = membersWith(100, 100);
    for (let look = 0; look < 9; look++) expect(end.hasArrived(members, SOURCE)).toBe(false);
    end.sent();
    expect(end.hasArrived(membersWith(0), { ...SOURCE, copy: 0 })).toBe(false);
    expect(end.hasArrived(membersWith(0), { ...SOURCE, copy: 0 })).toBe(false);
  });
});
