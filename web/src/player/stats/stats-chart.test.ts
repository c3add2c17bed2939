import { expect, it } from "vitest";
import { stacked } from "./stats-chart.ts";

it("stacks rows: the first is the sum of all, the last itself", () => {
  expect(
    stacked([
      [1, 2],
      [10, 20],
      [100, 200],
    ]),
  ).toEqual([
    [111, 222],
    [110, 220],
    [100, 200],
  ]);
});
