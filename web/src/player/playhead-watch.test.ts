import { expect, it } from "vitest";
import { PlayheadWatch } from "./playhead-watch.ts";

it("counts from the last move on, in either direction", () => {
  const watch = new PlayheadWatch();
  expect(watch.stillMs(1000, 5000)).toBe(0);
  expect(watch.stillMs(1200, 5000)).toBe(200);
  expect(watch.stillMs(1300, 5040)).toBe(0);
  expect(watch.stillMs(1700, 5040)).toBe(400);
  expect(watch.stillMs(1800, 100)).toBe(0);
});
