import { describe, expect, it } from "vitest";
import { type Baseline, figuresOf, regressionsOf, unmetOf } from "./baseline.ts";
import type { RunResult } from "./result.ts";
import { STEADY } from "./scenario.ts";

const FIGURES = {
  continuityMean: 0.999,
  delayMsP95: 600,
  sourceCopies: 1.4,
  recoveryMs: 0,
  violations: [],
};
const RUN = FIGURES as unknown as RunResult;
const SCENARIO = { ...STEADY, expect: { sourceCopies: { max: 1.5 } } };
const BASELINE: Baseline = {
  scenario: "steady",
  peers: 10,
  seconds: 20,
  seeds: "1-1",
  figures: { continuityMean: 0.999, delayMsP95: 600, sourceCopies: 1.4 },
  unmet: [],
};

const regressions = (changed: Partial<RunResult>, baseline: Baseline | undefined = BASELINE) =>
  regressionsOf(SCENARIO, baseline, [{ ...RUN, ...changed }]);

describe("a baseline", () => {
  it("is kept by the run it was written from, and by a better one", () => {
    expect(regressions({})).toEqual([]);
    expect(regressions({ delayMsP95: 100, continuityMean: 1 })).toEqual([]);
  });

  it("allows what chance does, and no more", () => {
    expect(regressions({ delayMsP95: 840 })).toEqual([]);
    expect(regressions({ delayMsP95: 841 })).toEqual([["delay p95", "600 ms", "841 ms", "840 ms"]]);
    expect(regressions({ continuityMean: 0.98 })).toEqual([
      ["continuity", "99.90 %", "98.00 %", "98.90 %"],
    ]);
  });

  it("holds the run to the scenario's expectations, but for those never met yet", () => {
    expect(regressions({ sourceCopies: 1.6 })).toEqual([
      ["source copies", "met", "1.60", "asked ≤ 1.50"],
    ]);
    expect(regressions({ sourceCopies: 1.6 }, { ...BASELINE, unmet: ["sourceCopies"] })).toEqual(
      [],
    );
    expect(unmetOf(SCENARIO, [{ ...RUN, sourceCopies: 1.6 }])).toEqual(["sourceCopies"]);
  });

  it("is needed, and forgives no violation", () => {
    expect(regressionsOf(SCENARIO, undefined, [RUN])).toEqual([
      ["baseline", "none", "", "--update writes it"],
    ]);
    expect(regressions({ seed: 3, violations: ["at 1 s: bad"] })).toEqual([
      ["violation", "", "seed 3", "at 1 s: bad"],
    ]);
  });

  it("has means over the seeds", () => {
    const figures = figuresOf([RUN, { ...RUN, delayMsP95: 800 }]);
    expect(figures.delayMsP95).toBe(700);
  });
});
