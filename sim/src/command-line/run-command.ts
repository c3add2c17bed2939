import { writeFileSync } from "node:fs";
import { SCHEDULERS } from "#mesh";
import type { Meter } from "../cost.ts";
import type { FlatSwarm } from "../flat/flat-swarm.ts";
import { runFlat } from "../flat/index.ts";
import { reportPage } from "../report/page.ts";
import { SeriesRecorder } from "../report/series.ts";
import { compareTable, runTable, summaryTable, violationText } from "../report/table.ts";
import type { RunResult } from "../result.ts";
import { runScenario } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { lasting, resized, withResourceIndex } from "../scenario-variants.ts";
import { Simulation } from "../simulation.ts";
import type { SimFlags } from "./program.ts";
import { Progress, stateOf } from "./progress.ts";
import { replayCommand } from "./replay.ts";
import { loadScenario } from "./scenario-files.ts";
import { UsageError } from "./usage-error.ts";

export const METER: Meter = {
  nowMs: () => performance.now(),
  cpuMs: () => (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  peakRssMb: () => process.resourceUsage().maxRSS / 1024,
};

/** Do what the command line asks for. @returns The exit code. */
export function runCommand(flags: SimFlags): number {
  const scenario = scenarioOf(flags);
  const schedulers = flags.compare ? SCHEDULERS : [scenario.scheduler];
  const seeds = flags.seeds ?? [flags.seed];
  const byScheduler = new Map<string, RunResult[]>(schedulers.map((name) => [name, []]));
  let violated = 0;
  for (const [scheduler, results] of byScheduler) {
    for (const seed of seeds) {
      const result = runOne(flags, { ...scenario, scheduler }, seed);
      results.push(result);
      if (flags.json) say(JSON.stringify(result));
      if (result.violations.length === 0) continue;
      violated++;
      process.stderr.write(`${violationText(result, replayCommand(flags, scheduler, seed))}\n`);
    }
  }
  if (!flags.json) say(tableOf(flags, scenario, byScheduler));
  return violated > 0 ? 1 : 0;
}

/** The scenario with what the command line changes about it. */
export function scenarioOf(flags: SimFlags): Scenario {
  let scenario = loadScenario(flags.scenario);
  if (flags.peers !== undefined) scenario = resized(scenario, flags.peers);
  if (flags.seconds !== undefined) scenario = lasting(scenario, flags.seconds * 1000);
  if (flags.resourceIndex !== undefined) {
    scenario = withResourceIndex(scenario, flags.resourceIndex);
  }
  scenario = {
    ...scenario,
    scheduler: flags.scheduler ?? scenario.scheduler,
    overlay: flags.overlay ?? scenario.overlay,
    options: { ...scenario.options, ...flags.option },
  };
  expectKnownStrategies(scenario);
  return scenario;
}

/** The engine itself says which names it knows. @throws {UsageError} */
function expectKnownStrategies(scenario: Scenario): void {
  try {
    new Simulation(scenario, 0);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function runOne(flags: SimFlags, scenario: Scenario, seed: number): RunResult {
  const progress = flags.quiet ? undefined : new Progress();
  const result = flags.flat
    ? runFlatModel(scenario, seed, progress)
    : runEngines(flags, scenario, seed, progress);
  progress?.end();
  return result;
}

function runEngines(
  flags: SimFlags,
  scenario: Scenario,
  seed: number,
  progress: Progress | undefined,
): RunResult {
  const recorder = flags.plot === undefined ? undefined : new SeriesRecorder();
  const run = runScenario(scenario, seed, METER, (simulation) => {
    progress?.everySecond(() => stateOf(simulation));
    recorder?.note(simulation);
  });
  if (flags.plot !== undefined && recorder !== undefined) {
    const replay = replayCommand(flags, scenario.scheduler, seed);
    write(flags.plot, reportPage(run, recorder.seconds, replay));
  }
  return run.result;
}

function runFlatModel(scenario: Scenario, seed: number, progress: Progress | undefined): RunResult {
  const { durationMs } = scenario;
  const tell = ({ wheel, peers, eventCount }: FlatSwarm) =>
    progress?.everySecond(() => {
      const viewers = peers.aliveViewers().length;
      return { nowMs: wheel.nowMs, durationMs, viewers, eventCount, continuity: undefined };
    });
  try {
    return runFlat(scenario, seed, tell, METER);
  } catch (error) {
    // What the flat model does not have is said before anything runs.
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new UsageError(`${file} cannot be written: ${reason}`);
  }
}

function tableOf(
  flags: SimFlags,
  scenario: Scenario,
  byScheduler: ReadonlyMap<string, readonly RunResult[]>,
): string {
  if (flags.compare) return compareTable(scenario, byScheduler);
  const results = [...byScheduler.values()].flat();
  const [first] = results;
  if (first === undefined) return "";
  return results.length === 1 ? runTable(scenario, first) : summaryTable(scenario, results);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
