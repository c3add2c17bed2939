import { expect, it } from "vitest";
import type { ViewerStats } from "#protocol";
import { StreamHistory } from "./stream-history.ts";

const NOTHING = { copy: 0, seeder: 0, origin: 0 };

function told(change: Partial<ViewerStats> = {}): ViewerStats {
  return {
    latencyMs: 1000,
    stalls: { count: 0, totalMs: 0 },
    bytes: { peers: 750_000, seeder: 0, origin: 250_000, uploaded: 500_000 },
    rejectedBlocks: 0,
    ...change,
  };
}

it("says of ten seconds how viewers fared, together", () => {
  const history = new StreamHistory();
  for (const latencyMs of [800, 900, 2000]) history.note(told({ latencyMs }));
  history.note(told({ latencyMs: 1000, stalls: { count: 2, totalMs: 900 }, rejectedBlocks: 3 }));
  const point = history.close(5000, 7, { ...NOTHING, control: 0 });
  expect(point).toEqual({
    atMs: 5000,
    viewers: 7,
    reports: 4,
    latencyP50Ms: 1000,
    latencyP95Ms: 2000,
    stallsPerMinute: 3,
    offload: 0.75,
    viewersBps: { peers: 2_400_000, seeder: 0, origin: 800_000, uploaded: 1_600_000 },
    publisherBps: NOTHING,
    rejectedBlocks: 3,
  });
});

it("counts each report in two points, and leaves out what nobody told", () => {
  const history = new StreamHistory();
  history.note(told());
  const points = [5000, 10_000, 15_000].map((atMs) =>
    history.close(atMs, 1, { ...NOTHING, control: 0 }),
  );
  expect(points.map(({ reports }) => reports)).toEqual([1, 1, 0]);
  expect(points[2]).not.toHaveProperty("offload");
  expect(points[2]).not.toHaveProperty("latencyP50Ms");
  expect(history.points(5000)).toEqual(points.slice(1));
});

it("takes the publisher's rates from its sums, which begin again when it does", () => {
  const history = new StreamHistory();
  const sums = [0, 1_250_000, 2_500_000, 100];
  const rates = sums.map(
    (seeder, at) =>
      history.close(5000 * at, 0, { ...NOTHING, seeder, control: 0 }).publisherBps.seeder,
  );
  expect(rates).toEqual([0, 0, 2_000_000, 0]);
});

it("forgets what is older than an hour", () => {
  const history = new StreamHistory();
  for (let at = 1; at <= 1000; at++) history.close(at * 5000, 0, { ...NOTHING, control: 0 });
  expect(history.points()).toHaveLength(720);
  expect(history.newest?.atMs).toBe(5_000_000);
});
