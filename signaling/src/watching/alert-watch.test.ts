import { expect, it } from "vitest";
import type { AlertRules, StreamPoint } from "#protocol/control";
import { AlertWatch } from "./alert-watch.ts";

const RULES: AlertRules = { offloadBelow: 0.5, stallsAbove: 1, viewersMin: 5, holdSec: 10 };

function point(atMs: number, change: Partial<StreamPoint> = {}): StreamPoint {
  return {
    atMs,
    viewers: 10,
    reports: 10,
    offload: 0.9,
    stallsPerMinute: 0,
    viewersBps: { peers: 0, seeder: 0, origin: 0, uploaded: 0 },
    publisherBps: { copy: 0, seeder: 0, origin: 0 },
    rejectedBlocks: 0,
    ...change,
  };
}

it("fires when a bound is crossed for long enough, once, and says when it is over", () => {
  const watch = new AlertWatch();
  const look = (atMs: number, offload: number) => watch.look("s", point(atMs, { offload }), RULES);
  const nothing = { began: [], ended: [] };
  const alert = { kind: "offload-below", streamId: "s", value: 0.3, bound: 0.5, sinceMs: 5000 };
  expect(look(5000, 0.3)).toEqual(nothing);
  expect(look(14_999, 0.3)).toEqual(nothing);
  expect(look(15_000, 0.3)).toEqual({ began: [alert], ended: [] });
  expect(look(20_000, 0.2)).toEqual(nothing);
  expect(watch.firing(RULES, 20_000)).toEqual([{ ...alert, value: 0.2 }]);
  expect(look(25_000, 0.5)).toEqual({ began: [], ended: [{ ...alert, value: 0.2 }] });
});

it("begins to count anew when it was good in between", () => {
  const watch = new AlertWatch();
  for (const [atMs, offload] of [
    [0, 0.1],
    [5000, 0.9],
    [10_000, 0.1],
  ] as const) {
    expect(watch.look("s", point(atMs, { offload }), RULES).began).toEqual([]);
  }
});

it.each([
  ["a small swarm", { viewers: 4, offload: 0 }],
  ["what nobody told", { offload: undefined as never, stallsPerMinute: undefined as never }],
  ["what no rule names", { latencyP50Ms: 60_000 }],
])("does not judge %s", (_, change) => {
  const watch = new AlertWatch();
  watch.look("s", point(0, change), RULES);
  expect(watch.look("s", point(60_000, change), RULES).began).toEqual([]);
});
