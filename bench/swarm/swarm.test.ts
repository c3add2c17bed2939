import { describe, expect, it } from "vitest";
import { parseStat, withDescendants } from "./cpu-meter.mjs";
import { type MeasuredStats, type MeasuredViewer, measure, type SwarmRun } from "./measure.mjs";
import { readOptions } from "./options.mjs";
import { seededRandom, someOf } from "./random.mjs";
import { rowsOf, tableOf } from "./report.mjs";
import { quantile } from "./statistics.mjs";

function stats(changes: Partial<MeasuredStats> = {}): MeasuredStats {
  return {
    startupMs: 500,
    latencyMs: 1000,
    stalls: { count: 0, totalMs: 0 },
    playedMs: 0,
    skippedMs: 0,
    bytes: {
      fromPeers: 0,
      fromSeeder: 0,
      fromOrigin: 0,
      uploaded: 0,
      duplicate: 0,
      control: 0,
    },
    blocks: { received: 0, rejected: 0, repaired: 0 },
    neighbors: 3,
    droppedFrames: 0,
    ...changes,
  };
}

const BYTES = {
  fromPeers: 750,
  fromSeeder: 200,
  fromOrigin: 50,
  uploaded: 750,
  duplicate: 10,
  control: 40,
};

function viewer(changes: Partial<MeasuredViewer> = {}): MeasuredViewer {
  return {
    statsAtStart: stats(),
    stats: stats({ bytes: BYTES, playedMs: 10_000 }),
    latencies: [
      [100_000, 900],
      [105_000, 1100],
      [110_000, null],
    ],
    ...changes,
  };
}

function run(viewers: readonly MeasuredViewer[]): SwarmRun {
  const source = (copy: number, seeder: number, origin: number) => ({
    bytes: { copy, seeder, origin },
  });
  return {
    fromMs: 100_000,
    untilMs: 110_000,
    source: {
      beforeArrival: source(5000, 0, 0),
      atStart: source(10_000, 8000, 4000),
      atEnd: source(20_000, 18_000, 6000),
    },
    viewers,
    cpuMs: { browser: 2000, server: 500, encoder: 100, bench: 100 },
    busyMs: 5000,
    memory: { browser: 400, server: 50 },
  };
}

describe("what a run means", () => {
  it("counts what seeder and origin sent in copies of the stream", () => {
    const { sourceCopies, sourceCopiesFromArrival } = measure(run([viewer()]));
    expect(sourceCopies).toBeCloseTo(1.2);
    expect(sourceCopiesFromArrival).toBeCloseTo(24_000 / 15_000);
  });

  it("takes only what grew within the span", () => {
    const early = { ...BYTES, fromSeeder: 200, fromPeers: 0, fromOrigin: 0, control: 0 };
    const measured = measure(run([viewer({ statsAtStart: stats({ bytes: early }) })]));
    expect(measured.offload).toBeCloseTo(750 / 800);
  });

  it("takes latencies of the span only, and none of before the first frame", () => {
    const latencies: MeasuredViewer["latencies"] = [
      [99_999, 9000],
      [100_000, 1000],
      [104_000, null],
      [110_000, 2000],
      [110_001, 9000],
    ];
    expect(measure(run([viewer({ latencies })])).latencyMs.median).toBe(1500);
  });

  it("takes stalled and skipped time from the continuity", () => {
    const stopped = stats({ stalls: { count: 2, totalMs: 300 }, skippedMs: 200 });
    const measured = measure(run([viewer(), viewer({ stats: stopped })]));
    expect(measured.stalls).toEqual({ count: 2, totalMs: 300 });
    expect(measured.continuity).toBeCloseTo(0.975);
    expect(measured.worstContinuity).toBeCloseTo(0.95);
  });

  it("does not blame the mesh for a viewer that was closed, but counts its bytes", () => {
    const stopped = stats({ stalls: { count: 1, totalMs: 5000 }, bytes: BYTES });
    const measured = measure(run([viewer(), viewer({ stats: stopped, leftAtMs: 105_000 })]));
    expect(measured.continuity).toBe(1);
    expect(measured.offload).toBeCloseTo(0.75);
    expect(measured.averageViewers).toBe(1.5);
    expect(measured.cpuCores.perViewer).toBeCloseTo(0.2 / 1.5);
  });

  it("tells the machine's other work from ours", () => {
    const { cpuCores } = measure(run([viewer()]));
    expect(cpuCores.others).toBeCloseTo(0.23);
    expect(cpuCores.server).toBeCloseTo(0.05);
  });
});

describe("the table", () => {
  const result = { ...measure(run([viewer()])), options: { viewers: 10, churn: 0 } };

  it("shows the measured number, its target and its bound in one line", () => {
    const table = tableOf(rowsOf(result));
    expect(table).toMatch(/^offload +75\.0 % +≥ 75\.0 % +ok +90\.0 %$/m);
    expect(table).toMatch(/^latency median +1000 ms +≤ 1500 ms +ok$/m);
    expect(table).toMatch(/^CPU per viewer +0\.200 core +≤ 0\.080 core +MISSED$/m);
  });

  it("asks for no stall only without churn, and for continuity only with it", () => {
    const targets = (churn: number) =>
      rowsOf({ ...result, options: { viewers: 10, churn } })
        .filter(({ name }) => name === "stalls" || name === "continuity")
        .map(({ target }) => target);
    expect(targets(0)).toEqual(["≤ 0", ""]);
    expect(targets(0.3)).toEqual(["", "≥ 99.0 %"]);
  });

  it("calls a target missed when nothing could be measured", () => {
    const none = measure(run([viewer({ latencies: [] })]));
    const rows = rowsOf({ ...none, options: { viewers: 1, churn: 0 } });
    expect(rows.find(({ name }) => name === "latency median")).toMatchObject({
      value: "–",
      isMet: false,
    });
  });
});

describe("the options", () => {
  it("default to ten viewers for a minute", () => {
    expect(readOptions([])).toMatchObject({
      viewers: 10,
      seconds: 60,
      arrival: "steady",
      churn: 0,
    });
  });

  it.each([
    [["--viewers", "0"], "--viewers is a number from 1 to 50"],
    [["--viewers", "2.5"], "--viewers is a whole number"],
    [["--churn", "1"], "--churn is a number from 0 to 0.9"],
    [["--arrival", "slow"], "--arrival is steady or flash"],
    [["--speed", "9"], "--speed"],
  ])("refuse %j and name it", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe("chance with a seed", () => {
  it("closes the same viewers for the same seed, and each at most once", () => {
    const leavers = (seed: number) => someOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3, seededRandom(seed));
    expect(leavers(1)).toEqual(leavers(1));
    expect(leavers(1)).not.toEqual(leavers(2));
    expect(new Set(leavers(1)).size).toBe(3);
  });
});

describe("quantiles", () => {
  it.each([
    [[], 0.5, null],
    [[7], 0.95, 7],
    [[3, 1, 2], 0.5, 2],
    [[1, 2], 0.5, 1.5],
  ])("of %j at %f is %s", (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });
});

describe("processes", () => {
  it("reads CPU time behind a name with brackets and blanks", () => {
    const fields = "S 41 1 1 0 -1 4 5 0 0 0 250 50 0 0 20 0 1 0 98765 0 0";
    expect(parseStat(`42 (a ) (b) c) ${fields}`, 100)).toEqual({
      pid: 42,
      parent: 41,
      key: "42 98765",
      cpuMs: 3000,
    });
  });

  it("finds grandchildren, in whatever order they are listed", () => {
    const all = [
      { pid: 3, parent: 2 },
      { pid: 2, parent: 1 },
      { pid: 1, parent: 0 },
      { pid: 9, parent: 0 },
    ];
    expect(withDescendants(all, 1).map(({ pid }) => pid)).toEqual([3, 2, 1]);
  });
});
