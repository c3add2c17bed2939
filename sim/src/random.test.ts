import { describe, expect, it } from "vitest";
import { exponential, heavyTailed, normal, type Random, seededRandom, shuffle } from "./random.ts";

const SEED = 42;

function meanOf(draw: (random: Random) => number, count = 50_000): number {
  const random = seededRandom(SEED);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += draw(random);
  return sum / count;
}

describe("randomness", () => {
  it("is the same for the same seed, and another for another", () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("is uniform in [0, 1)", () => {
    const random = seededRandom(SEED);
    const bins = new Array(10).fill(0);
    for (let i = 0; i < 100_000; i++) bins[Math.floor(10 * random())]++;
    for (const count of bins) expect(count / 10_000).toBeCloseTo(1, 1);
  });

  it("has the stated means", () => {
    expect(meanOf(normal)).toBeCloseTo(0, 1);
    expect(meanOf((random) => normal(random) ** 2)).toBeCloseTo(1, 1);
    expect(meanOf((random) => exponential(random, 3))).toBeCloseTo(3, 1);
    // A heavy tail: the mean of a sample is slow to come near that of the distribution.
    expect(meanOf((random) => heavyTailed(random, 3), 500_000)).toBeGreaterThan(2.4);
  });

  it("shuffles without loss", () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = shuffle([...items], seededRandom(SEED));
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});
