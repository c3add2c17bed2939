import { describe, expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

describe("TokenBucket", () => {
  it("gives the burst at once and then nothing", () => {
    const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 0);
    expect([0, 0, 0, 0].map((nowMs) => bucket.take(nowMs))).toEqual([true, true, true, false]);
  });

  it("refills at its rate, and not a millisecond before", () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 2 }, 0);
    expect(bucket.take(0)).toBe(true);
    expect(bucket.take(499)).toBe(false);
    expect(bucket.take(500)).toBe(true);
  });

  it("never holds more than the burst", () => {
    const bucket = new TokenBucket({ burst: 2, perSecond: 10 }, 0);
    const taken = [0, 1, 2].map(() => bucket.take(1_000_000));
    expect(taken).toEqual([true, true, false]);
  });

  it("is not fooled by a clock that stands still or runs backwards", () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, 5000);
    expect(bucket.take(5000)).toBe(true);
    expect(bucket.take(1000)).toBe(false);
    expect(bucket.take(1500)).toBe(false);
  });
});
