import { describe, expect, it } from "vitest";
import { type Run, runScenario } from "../run.ts";
import { parseScenario } from "../scenario-file.ts";
import { verdicts } from "./figures.ts";
import { reportPage } from "./page.ts";
import { SeriesRecorder } from "./series.ts";
import { ticks } from "./svg.ts";
import { columns, compareTable, runTable, summaryTable, violationText } from "./table.ts";

const SCENARIO = parseScenario(
  {
    about: "a <small> one",
    peers: 6,
    durationMs: 9000,
    measureFromMs: 5000,
    arrival: { overMs: 1000 },
    incidents: [{ atMs: 6000, type: "vanish", share: 0.2 }],
    expect: { continuityMean: { min: 0.1 }, delayMsP95: { max: 0 } },
  },
  "small",
);

function record(): [Run, SeriesRecorder] {
  const recorder = new SeriesRecorder();
  const meter = { nowMs: () => 0, cpuMs: () => 0, peakRssMb: () => 0 };
  const run = runScenario(SCENARIO, 1, meter, (simulation) => recorder.note(simulation));
  return [run, recorder];
}

const [run, recorder] = record();
const { result } = run;

describe("the tables", () => {
  it("have every figure beside its bound and what is asked of it", () => {
    const table = runTable(SCENARIO, result);
    expect(table).toMatch(/continuity +[\d.]+ % +100.00 % +≥ 10.00 % ✓/);
    expect(table).toMatch(/delay p95 +\d+ ms +\d+ ms +≤ 0 ms ✗/);
    expect(table).toContain(`seed 1 · striped-push, adaptive · hash ${result.hash}`);
  });

  it("show mean and worst of several seeds, and alternatives side by side", () => {
    const other = { ...result, seed: 2, delayMsP95: result.delayMsP95 + 100 };
    const summary = summaryTable(SCENARIO, [result, other]);
    expect(summary).toContain("seeds 1-2");
    expect(summary).toMatch(
      new RegExp(`delay p95 +${result.delayMsP95 + 50} ms +${result.delayMsP95 + 100} ms +2`),
    );
    const compared = compareTable(
      SCENARIO,
      new Map([
        ["a", [result]],
        ["b", [other]],
      ]),
    );
    expect(compared).toMatch(
      new RegExp(`delay p95 +${result.delayMsP95} ms +${other.delayMsP95} ms`),
    );
  });

  it("keep columns in line", () => {
    expect(
      columns([
        ["a", "bb"],
        ["ccc", "d"],
      ]),
    ).toBe("  a     bb\n  ccc    d");
  });

  it("print violations with seed and the command that shows them again", () => {
    const text = violationText({ ...result, violations: ["at 1 s: bad"] }, "npm run sim");
    expect(text).toBe("violated, with seed 1:\n  at 1 s: bad\nreplay: npm run sim");
  });

  it("tell which expectations are met", () => {
    expect(verdicts(result, SCENARIO.expect).map(({ isMet }) => isMet)).toEqual([true, false]);
  });
});

describe("the page", () => {
  const page = reportPage(run, recorder.seconds, "npm run sim -- --seed 1");

  it("asks for nothing from anywhere", () => {
    expect(page).not.toMatch(/https?:|src=|@import|url\(|<script|<link/);
  });

  it("has six charts with names, the incident, and the command", () => {
    expect(page.match(/<svg [^>]*aria-label="[^"]+"/g)).toHaveLength(6);
    expect(page).toContain("20 % vanish");
    expect(page).toContain("npm run sim -- --seed 1");
    expect(page).toContain("a &lt;small&gt; one");
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("shows what was asked and whether it was met, as the table does", () => {
    expect(page).toMatch(/<td class="met">≥ 10\.00 % ✓/);
    expect(page).toMatch(/<td class="unmet">≤ 0 ms ✗/);
  });

  it("is written with a value for every second", () => {
    expect(recorder.seconds.map(({ atMs }) => atMs)).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9].map((second) => 1000 * second),
    );
  });
});

it("an axis has round numbers within its range", () => {
  expect(ticks({ min: 0, max: 1 }, 4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(ticks({ min: 3, max: 43 }, 4)).toEqual([10, 20, 30, 40]);
});
