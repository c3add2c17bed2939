import { describe, expect, it } from "vitest";
import { type PeerTraits, Population } from "./population.ts";
import { seededRandom } from "./random.ts";
import { type Scenario, STEADY } from "./scenario.ts";

function draw(count: number, changed: Partial<Scenario> = {}): PeerTraits[] {
  const population = new Population({ ...STEADY, ...changed }, seededRandom(3));
  return Array.from({ length: count }, () => population.draw());
}

function shareOf(traits: readonly PeerTraits[], isOne: (one: PeerTraits) => boolean): number {
  return traits.filter(isOne).length / traits.length;
}

describe("a population", () => {
  it("has the stated shares of uplinks in every twenty", () => {
    const classes = draw(20).map(({ uplinkBps }) => uplinkBps / STEADY.stream.bitrateBps);
    for (const { share, ofStreamRate } of STEADY.uplinks) {
      expect(classes.filter((one) => one === ofStreamRate)).toHaveLength(Math.round(20 * share));
    }
  });

  it("has shares below a card in twenty, over more of them", () => {
    const traits = draw(400, { misbehaving: [{ share: 0.01, as: "polluter" }] });
    expect(shareOf(traits, ({ misbehavior }) => misbehavior === "polluter")).toBe(0.01);
  });

  it("has the stated shares of NATs, hidden tabs and misbehavior", () => {
    const traits = draw(200, {
      hardNatShare: 0.3,
      hiddenShare: 0.5,
      misbehaving: [
        { share: 0.25, as: "free-rider" },
        { share: 0.1, as: "liar" },
      ],
    });
    expect(shareOf(traits, ({ isHardNat }) => isHardNat)).toBeCloseTo(0.3, 6);
    expect(shareOf(traits, ({ isHidden }) => isHidden)).toBeCloseTo(0.5, 6);
    expect(shareOf(traits, ({ misbehavior }) => misbehavior === "free-rider")).toBeCloseTo(0.25, 6);
    expect(shareOf(traits, ({ misbehavior }) => misbehavior === "liar")).toBeCloseTo(0.1, 6);
  });

  it("shares local networks by the stated number", () => {
    const lans = draw(30, { lanSize: 10 }).map(({ lan }) => lan);
    expect(lans).toEqual([0, 1, 2].flatMap((lan) => new Array(10).fill(lan)));
    expect(draw(3).map(({ lan }) => lan)).toEqual([-1, -1, -1]);
  });
});
