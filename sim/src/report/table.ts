import type { RunResult } from "../result.ts";
import type { Scenario } from "../scenario.ts";
import { viewersOf } from "../scenario-variants.ts";
import { FIGURES, type Figure, verdicts } from "./figures.ts";

/** Rows as columns of equal width; numbers to the right, the first column to the left. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? "").length)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
  return rows.map((row) => `  ${line(row).join("   ")}`.trimEnd()).join("\n");
}

/** One run: every figure beside its bound, and what the scenario asks of it. */
export function runTable(scenario: Scenario, result: RunResult): string {
  const asked = new Map(
    verdicts(result, scenario.expect).map((verdict) => [verdict.name, verdict]),
  );
  const rows = FIGURES.map((figure) => {
    const verdict = asked.get(figure.name);
    const wanted = verdict && `${verdict.asked} ${verdict.isMet ? "✓" : "✗"}`;
    return [
      figure.label,
      figure.show(result[figure.name]),
      shownBound(figure, result),
      wanted ?? "",
    ];
  });
  return [
    runTitle(scenario, result),
    `  ${scenario.about}`,
    "",
    columns([["", "measured", "bound", "asked"], ...rows]),
    "",
    `  ${costLine(scenario, result)}`,
  ].join("\n");
}

/** Several runs of one scenario: mean and worst of each figure. */
export function summaryTable(scenario: Scenario, results: readonly RunResult[]): string {
  const seeds = results.map(({ seed }) => seed);
  const rows = FIGURES.map((figure) => {
    const values = results.map((result) => result[figure.name]);
    const worst = figure.worst === "high" ? Math.max(...values) : Math.min(...values);
    const seed = seeds[values.indexOf(worst)] ?? "";
    return [figure.label, figure.show(mean(values)), figure.show(worst), String(seed)];
  });
  return [
    `${scenario.name} · ${viewersOf(scenario)} viewers · seeds ${seeds[0]}-${seeds.at(-1)}`,
    columns([["", "mean", "worst", "of seed"], ...rows]),
  ].join("\n");
}

/** Alternatives side by side, each over the same seeds. */
export function compareTable(
  scenario: Scenario,
  byName: ReadonlyMap<string, readonly RunResult[]>,
): string {
  const rows = FIGURES.map((figure) => [
    figure.label,
    ...[...byName.values()].map((results) =>
      figure.show(mean(results.map((result) => result[figure.name]))),
    ),
  ]);
  return [
    `${scenario.name} · ${viewersOf(scenario)} viewers`,
    columns([["", ...byName.keys()], ...rows]),
  ].join("\n");
}

/** Violations, and how to see them again. */
export function violationText({ seed, violations }: RunResult, replay: string): string {
  const lines = violations.map((violation) => `  ${violation}`);
  return [`violated, with seed ${seed}:`, ...lines, `replay: ${replay}`].join("\n");
}

function runTitle(
  scenario: Scenario,
  { peers, seed, scheduler, overlay, hash }: RunResult,
): string {
  const seconds = scenario.durationMs / 1000;
  return `${scenario.name} · ${peers} viewers · ${seconds} s · seed ${seed} · ${scheduler}, ${overlay} · hash ${hash}`;
}

function costLine(scenario: Scenario, result: RunResult): string {
  const { wallMs, cpuMs, eventCount, peakRssMb } = result;
  const speed = (scenario.durationMs / wallMs).toFixed(1);
  const rate = Math.round(eventCount / wallMs);
  return `took ${(wallMs / 1000).toFixed(1)} s (${speed} × real time), ${(cpuMs / 1000).toFixed(1)} s of processor, ${rate} k events/s, ${Math.round(peakRssMb)} MB`;
}

function shownBound(figure: Figure, result: RunResult): string {
  const bound = figure.bound(result);
  return bound === undefined ? "" : figure.show(bound);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
