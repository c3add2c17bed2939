// What the runners' JSON reports say, as counts. Anything that did not run counts as failed.
import { relative } from "node:path";

/** @typedef {{ passed: number, failed: number, skipped: number, problems: string[] }} Outcome */

/** @returns {Outcome} */
export function singleOutcome(isPassed, problem) {
  return isPassed
    ? { passed: 1, failed: 0, skipped: 0, problems: [] }
    : { passed: 0, failed: 1, skipped: 0, problems: [problem] };
}

/**
 * Counts of a vitest JSON report. A file that could not be loaded has no tests and counts as one.
 *
 * @param report Parsed report; undefined when the runner wrote none.
 * @param exitCode Of the runner.
 * @returns {Outcome}
 */
export function vitestOutcome(report, exitCode) {
  const files = report?.testResults ?? [];
  const problems = [];
  let passed = 0;
  let skipped = 0;
  for (const file of files) {
    const name = relative(process.cwd(), file.name);
    const before = problems.length;
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed++;
      else if (test.status === "failed") problems.push(`${name}: ${test.fullName}`);
      else skipped++;
    }
    if (file.status === "failed" && problems.length === before) {
      problems.push(`${name}: ${firstLine(file.message) || "could not be run"}`);
    }
  }
  return settle({ passed, skipped, problems }, "vitest", exitCode);
}

/**
 * Counts of a Playwright JSON report. A test that passed on its second try counts as passed.
 *
 * @param report Parsed report; undefined when the runner wrote none.
 * @param exitCode Of the runner.
 * @returns {Outcome}
 */
export function playwrightOutcome(report, exitCode) {
  const problems = (report?.errors ?? []).map((error) => firstLine(error.message));
  let passed = 0;
  let skipped = 0;
  for (const { title, test } of testsIn(report?.suites ?? [], [])) {
    if (test.status === "expected" || test.status === "flaky") passed++;
    else if (test.status === "skipped") skipped++;
    else problems.push(title);
  }
  return settle({ passed, skipped, problems }, "playwright", exitCode);
}

/**
 * Counts of `sim:check`: each of its runs is one test.
 *
 * @param report What it wrote; undefined when it wrote none.
 * @param exitCode Of the check.
 * @returns {Outcome}
 */
export function simOutcome(report, exitCode) {
  const problems = (report?.problems ?? []).map((problem) => `sim: ${problem}`);
  return settle({ passed: report?.passed ?? 0, skipped: 0, problems }, "sim:check", exitCode);
}

/** @returns {Outcome} */
export function sumOutcomes(outcomes) {
  const sum = (count) => outcomes.reduce((total, outcome) => total + outcome[count], 0);
  return {
    passed: sum("passed"),
    failed: sum("failed"),
    skipped: sum("skipped"),
    problems: outcomes.flatMap(({ problems }) => problems),
  };
}

/** The last line of a test run; scripts read it. */
export function summaryLine(outcomes) {
  const { passed, failed, skipped } = sumOutcomes(outcomes);
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

function settle({ passed, skipped, problems }, runner, exitCode) {
  if (passed + problems.length === 0) problems.push(`${runner} executed no test`);
  if (exitCode !== 0 && problems.length === 0) problems.push(`${runner} ended with ${exitCode}`);
  return { passed, failed: problems.length, skipped, problems };
}

function* testsIn(suites, path) {
  for (const suite of suites) {
    const here = [...path, suite.title];
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) yield { title: [...here, spec.title].join(" › "), test };
    }
    yield* testsIn(suite.suites ?? [], here);
  }
}

function firstLine(text) {
  return (text ?? "").split("\n", 1)[0];
}
