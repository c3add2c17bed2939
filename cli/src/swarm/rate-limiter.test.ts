import { describe, expect, it } from "vitest";
import { RateLimiter } from "./rate-limiter.ts";

describe("a rate", () => {
  it("lets a piece go when those before it are due, and not a millisecond before", () => {
    const limiter = new RateLimiter(1000);
    expect(limiter.waitMs(500, 0)).toBe(0);
    expect(limiter.waitMs(500, 0)).toBe(500);
    expect(limiter.waitMs(500, 999)).toBe(1);
  });

  it("is made up for after a late timer, but not after a reader that stalled", () => {
    const limiter = new RateLimiter(1000);
    limiter.waitMs(100, 0);
    // Due at 100: 200 ms late, and the next is due as if it had been in time.
    expect(limiter.waitMs(100, 300)).toBe(0);
    expect(limiter.waitMs(100, 150)).toBe(50);
    expect(limiter.waitMs(100, 10_000)).toBe(0);
    expect(limiter.waitMs(100, 10_000)).toBe(100);
  });

  it("may be no rate at all", () => {
    const limiter = new RateLimiter(Number.POSITIVE_INFINITY);
    for (let i = 0; i < 10; i++) expect(limiter.waitMs(1e9, 0)).toBe(0);
  });
});
