import { expect, it } from "vitest";
import { RareWarnings } from "./rare-warnings.ts";

it("says the first at once, and counts the others for ten seconds", () => {
  const warnings = new RareWarnings();
  const times = (count: number) => `${count} times`;
  expect(warnings.note("a", 0, times)).toBe("1 times");
  expect(warnings.note("a", 1, times)).toBeUndefined();
  expect(warnings.note("a", 9999, times, 5)).toBeUndefined();
  expect(warnings.note("b", 9999, times)).toBe("1 times");
  expect(warnings.note("a", 10_000, times)).toBe("7 times");
});
