import { expect, it } from "vitest";
import { clock } from "./clock-text.ts";

it.each([
  [0, "0:00"],
  [7400, "0:07"],
  [59_600, "1:00"],
  [754_000, "12:34"],
  [3_723_000, "1:02:03"],
])("%i ms reads %s", (ms, text) => {
  expect(clock(ms)).toBe(text);
});
