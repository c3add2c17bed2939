import type { RunResult } from "../result.ts";

/** A number of a result, as people read it. */
export type Figure = {
  name: NumberField;
  label: string;
  show(value: number): string;
  /** Best possible value in this run; undefined where there is no bound but nothing at all. */
  bound(result: RunResult): number | undefined;
  /** Which way is worse: what the worst of several runs is. */
  worst: "high" | "low";
};

export type NumberField = {
  [K in keyof RunResult]: RunResult[K] extends number ? K : never;
}[keyof RunResult];

const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
const ms = (value: number) => `${Math.round(value)} ms`;
const times = (value: number) => `${value.toFixed(2)} ×`;
const plain = (value: number) => value.toFixed(2);
const count = (value: number) => value.toFixed(0);

function figure(
  name: NumberField,
  label: string,
  show: Figure["show"],
  worst: Figure["worst"],
  bound: Figure["bound"] = () => undefined,
): Figure {
  return { name, label, show, worst, bound };
}

const floor = ({ floorMs }: RunResult) => floorMs;
const zero = () => 0;
const one = () => 1;

/** All figures in the order they are printed; formulae: docs/design/simulator.md. */
export const FIGURES: readonly Figure[] = [
  figure("continuityMean", "continuity", percent, "low", one),
  figure("continuityP1", "continuity, worst 1 %", percent, "low", one),
  figure("continuityMin", "continuity, worst viewer", percent, "low", one),
  figure("continuityIncumbents", "continuity, incumbents", percent, "low", one),
  figure("continuity1200", "continuity at 1.2 s", percent, "low", one),
  figure("stallsPerHour", "stalls per viewer and hour", plain, "high", zero),
  figure("delayMsP50", "delay p50", ms, "high", floor),
  figure("delayMsP95", "delay p95", ms, "high", floor),
  figure("delayMsP99", "delay p99", ms, "high", floor),
  figure("delayRatioP95", "delay p95 over floor", times, "high", one),
  figure("sourceCopies", "source copies", plain, "high", (r) => r.sourceCopiesBound),
  figure("relayedCopies", "copies through TURN", plain, "high", zero),
  figure("offload", "offload", percent, "low", (r) => r.offloadBound),
  figure("duplicateRatio", "duplicates", percent, "high", zero),
  figure("controlRatio", "control, on the wire", percent, "high", zero),
  figure("repairedRatio", "repaired", percent, "high", zero),
  figure("rateEfficiency", "rate efficiency", percent, "low", one),
  figure("startupMsP50", "start-up p50", ms, "high"),
  figure("startupMsP95", "start-up p95", ms, "high"),
  figure("neverStarted", "never started", count, "high", zero),
  figure("recoveryMs", "recovery to 99 %", ms, "high", zero),
  figure("uploadGini", "upload inequality (Gini)", plain, "high"),
  figure("rejectedBlocks", "blocks rejected", count, "high"),
  figure("pollutedRelays", "polluted blocks relayed", count, "high", zero),
];

export function figureOf(name: string): Figure | undefined {
  return FIGURES.find((candidate) => candidate.name === name);
}

/** A scenario's expectation of one figure. */
export type Verdict = { name: string; isMet: boolean; asked: string };

export function verdicts(
  result: RunResult,
  expected: Record<string, { min?: number; max?: number }>,
): Verdict[] {
  return Object.entries(expected).map(([name, { min, max }]) => {
    const value = result[name as NumberField];
    const show = figureOf(name)?.show ?? String;
    const asked = [
      min === undefined ? [] : `≥ ${show(min)}`,
      max === undefined ? [] : `≤ ${show(max)}`,
    ]
      .flat()
      .join(", ");
    const isMet =
      value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY);
    return { name, isMet, asked };
  });
}
