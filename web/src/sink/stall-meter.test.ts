import { expect, it } from "vitest";
import { StallMeter } from "./stall-meter.ts";

it("counts a stall once and times it, the running one included", () => {
  const meter = new StallMeter();
  expect(meter.totals(500)).toEqual({ count: 0, totalMs: 0 });
  expect(meter.begin(1000)).toBe(true);
  expect(meter.begin(1100)).toBe(false);
  expect(meter.isStalled).toBe(true);
  expect(meter.totals(1250)).toEqual({ count: 1, totalMs: 250 });
  meter.end(1300);
  meter.end(1400);
  expect(meter.isStalled).toBe(false);
  expect(meter.totals(9000)).toEqual({ count: 1, totalMs: 300 });
  meter.begin(9000);
  expect(meter.totals(9010)).toEqual({ count: 2, totalMs: 310 });
});
