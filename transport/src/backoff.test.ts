import { expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

it("grows by half up to the longest delay, and starts small after a success", () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 300, random: () => 0.5 });
  expect([1, 2, 3, 4, 5].map(() => backoff.nextMs())).toEqual([100, 150, 225, 300, 300]);
  backoff.reset();
  expect(backoff.nextMs()).toBe(100);
});

it("spreads delays over 50 % to either side", () => {
  expect(new Backoff({ minMs: 100, maxMs: 300, random: () => 0 }).nextMs()).toBe(50);
  expect(new Backoff({ minMs: 100, maxMs: 300, random: () => 0.999 }).nextMs()).toBeCloseTo(149.9);
});
