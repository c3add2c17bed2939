import { expect, it } from "vitest";
import { backOffMs } from "./back-off.ts";

const options = { minDelayMs: 250, maxDelayMs: 5000 };

it("doubles with each failure, up to the cap", () => {
  const delays = [0, 1, 2, 3, 4, 5, 6].map((failures) => backOffMs(options, failures, 1));
  expect(delays).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  expect(backOffMs(options, 1_000_000, 1)).toBe(5000);
});

it("waits at least half of it", () => {
  expect(backOffMs(options, 0, 0)).toBe(125);
  expect(backOffMs(options, 0, 0.5)).toBe(187.5);
  expect(backOffMs(options, 9, 0)).toBe(2500);
});
