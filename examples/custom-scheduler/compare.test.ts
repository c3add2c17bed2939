import { expect, it } from "vitest";
import { compare } from "./compare.mjs";

it("a scheduler from outside plays in the simulator, beside the engine's own", () => {
  const [own, plugged] = compare({ peers: 10, seconds: 20, seed: 1 });
  expect(own).toMatchObject({ scheduler: "striped-push", violations: [] });
  expect(plugged).toMatchObject({ scheduler: "newest-first-pull", violations: [] });
  expect(plugged?.continuityMean).toBeGreaterThan(0.99);
});
