import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import {
  type Baseline,
  type CheckedRun,
  figuresOf,
  type Regression,
  regressionsOf,
  unmetOf,
} from "../baseline.ts";
import { columns } from "../report/table.ts";
import type { RunResult } from "../result.ts";
import { CHECKED_RUNS } from "./checked-runs.ts";
import { runsInParallel } from "./run-process.ts";
import { loadScenario } from "./scenario-files.ts";

const FILE = fileURLToPath(new URL("../../../sim/baselines.json", import.meta.url));
const EXIT_USAGE = 2;

type CheckFlags = { update: boolean; report?: string };

const program = new Command("sim:check")
  .description("A small set of scenarios against sim/baselines.json.")
  .option("--update", "write what is measured as the new baseline", false)
  .option("--report <file>", "write what passed and failed as JSON")
  .helpOption("-h, --help", "print this help")
  .allowExcessArguments(false)
  .configureOutput({ writeErr: () => {} })
  .exitOverride();

try {
  program.parse();
  process.exitCode = await check(program.opts<CheckFlags>());
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode !== 0) say(`sim:check: ${error.message.replace(/^error: /, "")}`);
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}

/** @returns The exit code. */
async function check({ update, report }: CheckFlags): Promise<number> {
  const before = update ? [] : readBaselines();
  const measured: Baseline[] = [];
  const problems: string[] = [];
  await runsInParallel(CHECKED_RUNS, (run, results) => {
    const scenario = loadScenario(run.scenario);
    const unmet = unmetOf(scenario, results);
    measured[CHECKED_RUNS.indexOf(run)] = { ...run, figures: figuresOf(results), unmet };
    const baseline = before.find((candidate) => isSame(candidate, run));
    const all = regressionsOf(scenario, baseline, results);
    const regressions = update ? all.filter(([figure]) => figure === "violation") : all;
    say(outcomeText(run, results, regressions, unmet));
    if (regressions.length === 0) return;
    say(`  replay: ${replayOf(run)}`);
    const what = regressions.map(([figure, , now]) => `${figure} ${now}`);
    problems.push(`${titleOf(run)}: ${what.join(", ")}`);
  });
  if (update) writeFileSync(FILE, `${JSON.stringify(measured, undefined, 2)}\n`);
  const passed = CHECKED_RUNS.length - problems.length;
  if (report !== undefined) writeFileSync(report, JSON.stringify({ passed, problems }));
  say(`${passed} passed, ${problems.length} failed`);
  return problems.length > 0 ? 1 : 0;
}

function readBaselines(): Baseline[] {
  try {
    return JSON.parse(readFileSync(FILE, "utf8"));
  } catch {
    return [];
  }
}

function isSame(a: CheckedRun, b: CheckedRun): boolean {
  return titleOf(a) === titleOf(b);
}

function titleOf({ scenario, peers, seconds, seeds }: CheckedRun): string {
  return `${scenario}, ${peers} viewers, ${seconds} s, seeds ${seeds}`;
}

function replayOf({ scenario, peers, seconds, seeds }: CheckedRun): string {
  return `npm run sim -- --scenario ${scenario} --peers ${peers} --seconds ${seconds} --seeds ${seeds}`;
}

function outcomeText(
  run: CheckedRun,
  results: readonly RunResult[],
  regressions: readonly Regression[],
  unmet: readonly string[],
): string {
  const wallSec = results.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1000;
  const open = unmet.length === 0 ? "" : `; not reached yet: ${unmet.join(", ")}`;
  const mark = regressions.length === 0 ? "✓" : "✗";
  const line = `${mark} ${titleOf(run)} (${wallSec.toFixed(1)} s${open})`;
  if (regressions.length === 0) return line;
  return `${line}\n${columns([["", "before", "now", "allowed"], ...regressions])}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
