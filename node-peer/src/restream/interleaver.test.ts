import { expect, it } from "vitest";
import { Interleaver } from "./interleaver.ts";

const at = (startMs: number, item: string, lengthMs = 200) => ({
  startMs,
  endMs: startMs + lengthMs,
  item,
});

it("puts out the earliest of all lanes once none can bring an earlier one", () => {
  const lanes = new Interleaver<string>(2, 1000);
  expect(lanes.push(0, at(0, "v0"))).toEqual([]);
  expect(lanes.push(1, at(10, "a0"))).toEqual(["v0", "a0"]);
  expect(lanes.push(1, at(210, "a1"))).toEqual([]);
  expect(lanes.push(0, at(200, "v1"))).toEqual(["v1", "a1"]);
});

it("waits for a lane that stays away no longer than its patience", () => {
  const lanes = new Interleaver<string>(2, 500);
  expect(lanes.push(0, at(0, "v0"))).toEqual([]);
  expect(lanes.push(0, at(200, "v1"))).toEqual([]);
  expect(lanes.push(0, at(400, "v2"))).toEqual(["v0"]);
  expect(lanes.flush()).toEqual(["v1", "v2"]);
});

it("waits for no lane that it was told not to expect", () => {
  const lanes = new Interleaver<string>(2, 1000);
  lanes.expect([1]);
  expect(lanes.push(1, at(0, "a0"))).toEqual(["a0"]);
  lanes.expect([0, 1]);
  expect(lanes.push(1, at(200, "a1"))).toEqual([]);
});
