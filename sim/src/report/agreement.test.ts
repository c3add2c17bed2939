import { describe, expect, it } from "vitest";
import type { RunResult } from "../result.ts";
import { runScenario } from "../run.ts";
import { STEADY } from "../scenario.ts";
import { agreements, crossCheckTable, isInAgreement } from "./agreement.ts";

const METER = { nowMs: () => 0, cpuMs: () => 0, peakRssMb: () => 0 };
const SCENARIO = { ...STEADY, peers: 3, durationMs: 8000, measureFromMs: 4000 };
const { result } = runScenario(SCENARIO, 1, METER);

/** The same run with a delay that is off by this share. */
function offBy(share: number): RunResult {
  return { ...result, delayMsP95: result.delayMsP95 * (1 + share) };
}

describe("a cross-check", () => {
  it("finds models in agreement up to a tenth of the delay, and not beyond", () => {
    expect(isInAgreement(agreements([result], [offBy(0.099)]))).toBe(true);
    expect(isInAgreement(agreements([result], [offBy(-0.099)]))).toBe(true);
    expect(isInAgreement(agreements([result], [offBy(0.101)]))).toBe(false);
  });

  it("compares means over the seeds", () => {
    expect(isInAgreement(agreements([result, result], [offBy(0.3), offBy(-0.3)]))).toBe(true);
  });

  it("says which figure is off, and by how much", () => {
    const table = crossCheckTable(SCENARIO, agreements([result], [offBy(0.5)]));
    expect(table).toMatch(/delay p95 .*\+50\.0 % +≤ 10 % ✗/);
    expect(table).toMatch(/delay p50 .*\+0\.0 % +≤ 10 % ✓/);
    expect(table).toContain("the models differ: see ✗");
  });
});
