import { FIGURES, figureOf, type NumberField, verdicts } from "./report/figures.ts";
import type { RunResult } from "./result.ts";
import type { Scenario } from "./scenario.ts";

/** A run of `sim:check`; its figures are means over the seeds. */
export type CheckedRun = { scenario: string; peers: number; seconds: number; seeds: string };

/** What a run gave when the baseline was written. */
export type Baseline = CheckedRun & {
  figures: Partial<Record<NumberField, number>>;
  /** Expectations of the scenario that were not met then: known, and no regression. */
  unmet: string[];
};

/** How much worse than before is still chance: this much, or this share of it, whichever is more. */
export type Tolerance = { by: number; share: number };

/**
 * Chance moves small swarms: another order of two events is another tree. The tolerances are
 * what other seeds of the same scenarios change, and a little more.
 */
export const TOLERANCES: Partial<Record<NumberField, Tolerance>> = {
  continuityMean: { by: 0.01, share: 0 },
  continuityP1: { by: 0.08, share: 0 },
  continuity1200: { by: 0.08, share: 0 },
  delayMsP50: { by: 40, share: 0.4 },
  delayMsP95: { by: 100, share: 0.4 },
  sourceCopies: { by: 1, share: 0.8 },
  duplicateRatio: { by: 0.02, share: 1.25 },
  controlRatio: { by: 0.005, share: 0.25 },
  repairedRatio: { by: 0.02, share: 0.9 },
  startupMsP95: { by: 1000, share: 0.5 },
  recoveryMs: { by: 2500, share: 0.3 },
  neverStarted: { by: 0, share: 0 },
  pollutedRelays: { by: 0, share: 0 },
};

/** One line of what went wrong, as columns: figure, before, now, allowed. */
export type Regression = [figure: string, before: string, now: string, allowed: string];

/** Means over the seeds of whatever has a tolerance. */
export function figuresOf(results: readonly RunResult[]): Partial<Record<NumberField, number>> {
  const names = FIGURES.map(({ name }) => name).filter((name) => TOLERANCES[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, rounded(mean(results, name))]));
}

/** Expectations of the scenario that these runs do not meet, on average. */
export function unmetOf(scenario: Scenario, results: readonly RunResult[]): string[] {
  const [first] = results;
  if (first === undefined) return [];
  const names = Object.keys(scenario.expect) as NumberField[];
  const means = Object.fromEntries(names.map((name) => [name, mean(results, name)]));
  const average = { ...first, ...means };
  return verdicts(average, scenario.expect)
    .filter(({ isMet }) => !isMet)
    .map(({ name }) => name);
}

/** What is worse than the baseline allows, newly unmet, or violated. */
export function regressionsOf(
  scenario: Scenario,
  baseline: Baseline | undefined,
  results: readonly RunResult[],
): Regression[] {
  const violated = results.flatMap(({ seed, violations }): Regression[] =>
    violations.slice(0, 1).map((first) => ["violation", "", `seed ${seed}`, first.slice(0, 80)]),
  );
  if (baseline === undefined) return [...violated, ["baseline", "none", "", "--update writes it"]];
  const now = figuresOf(results);
  const worse = FIGURES.flatMap(({ name, worst, show, label }): Regression[] => {
    const before = baseline.figures[name];
    const tolerance = TOLERANCES[name];
    const value = now[name];
    if (before === undefined || value === undefined || tolerance === undefined) return [];
    const slack = Math.max(tolerance.by, tolerance.share * Math.abs(before));
    const allowed = worst === "high" ? before + slack : before - slack;
    const isWorse = worst === "high" ? value > allowed : value < allowed;
    return isWorse ? [[label, show(before), show(value), show(allowed)]] : [];
  });
  const newlyUnmet = unmetOf(scenario, results).filter((name) => !baseline.unmet.includes(name));
  const broken = newlyUnmet.map((name): Regression => {
    const { label, show } = figureOf(name) ?? { label: name, show: String };
    const { min, max } = scenario.expect[name] ?? {};
    const asked = min === undefined ? `≤ ${show(max ?? 0)}` : `≥ ${show(min)}`;
    return [label, "met", show(mean(results, name as NumberField)), `asked ${asked}`];
  });
  return [...violated, ...worse, ...broken];
}

function mean(results: readonly RunResult[], name: NumberField): number {
  return results.reduce((sum, result) => sum + result[name], 0) / Math.max(1, results.length);
}

/** Five digits are more than chance leaves; the file stays readable. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
