import { describe, expect, it } from "vitest";
import {
  playwrightOutcome,
  simOutcome,
  singleOutcome,
  summaryLine,
  vitestOutcome,
} from "./test-report.mjs";

const vitestReport = {
  testResults: [
    {
      name: "a.test.ts",
      status: "failed",
      assertionResults: [
        { status: "passed", fullName: "a works" },
        { status: "failed", fullName: "a breaks" },
        { status: "pending", fullName: "a waits" },
      ],
    },
  ],
};

const playwrightReport = {
  errors: [],
  suites: [
    {
      title: "late-join.spec.ts",
      specs: [{ title: "plays", tests: [{ status: "expected" }] }],
      suites: [
        {
          title: "later",
          specs: [
            { title: "plays on", tests: [{ status: "flaky" }] },
            { title: "stops", tests: [{ status: "unexpected" }] },
            { title: "sleeps", tests: [{ status: "skipped" }] },
          ],
        },
      ],
    },
  ],
};

describe("the counts of a test run", () => {
  it("come from vitest's report", () => {
    expect(vitestOutcome(vitestReport, 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 1,
      problems: ["a.test.ts: a breaks"],
    });
  });

  it("come from the simulator's check, whose runs are its tests", () => {
    const problem = "churn, 60 viewers: continuity";
    expect(simOutcome({ passed: 3, problems: [problem] }, 1)).toEqual({
      passed: 3,
      failed: 1,
      skipped: 0,
      problems: [`sim: ${problem}`],
    });
    expect(simOutcome(undefined, 1).problems).toEqual(["sim:check executed no test"]);
  });

  it("hold a file that could not be loaded against the run", () => {
    const report = {
      testResults: [
        {
          name: "b.test.ts",
          status: "failed",
          message: "no such module\n at",
          assertionResults: [],
        },
      ],
    };
    expect(vitestOutcome(report, 1).problems).toEqual(["b.test.ts: no such module"]);
  });

  it("come from Playwright's report, nested suites included", () => {
    expect(playwrightOutcome(playwrightReport, 1)).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
      problems: ["late-join.spec.ts › later › stops"],
    });
  });

  it.each([
    ["vitest wrote no report", vitestOutcome(undefined, 1)],
    ["vitest found no test", vitestOutcome({ testResults: [] }, 0)],
    ["Playwright wrote no report", playwrightOutcome(undefined, 1)],
    ["Playwright found no test", playwrightOutcome({ suites: [], errors: [] }, 0)],
    ["Playwright only skipped", playwrightOutcome(onlySkipped(), 0)],
  ])("are never good when %s", (_, outcome) => {
    expect(outcome.failed).toBe(1);
  });

  it("hold an exit code against a runner whose report looks good", () => {
    const report = {
      testResults: [
        {
          name: "a.test.ts",
          status: "passed",
          assertionResults: [{ status: "passed", fullName: "a works" }],
        },
      ],
    };
    expect(vitestOutcome(report, 0).problems).toEqual([]);
    expect(vitestOutcome(report, 1).problems).toEqual(["vitest ended with 1"]);
  });

  it("are summed in one line that scripts can read", () => {
    const types = singleOutcome(true, "");
    const lint = singleOutcome(false, "lint: broken");
    expect(summaryLine([types, lint])).toBe("1 passed, 1 failed");
    expect(summaryLine([types, vitestOutcome(vitestReport, 1)])).toBe(
      "2 passed, 1 failed, 1 skipped",
    );
  });
});

function onlySkipped() {
  return { suites: [{ title: "x", specs: [{ title: "y", tests: [{ status: "skipped" }] }] }] };
}
