import { writeFileSync } from "node:fs";
import type { Meter } from "../cost.ts";
import type { FlatSwarm } from "../flat/flat-swarm.ts";
import { runFlat } from "../flat/index.ts";
import { type Agreement, agreements, crossCheckTable, isInAgreement } from "../report/agreement.ts";
import { reportPage } from "../report/page.ts";
import { SeriesRecorder } from "../report/series.ts";
import { compareTable, runTable, summaryTable, violationText } from "../report/table.ts";
import type { RunResult } from "../result.ts";
import { runScenario } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { lasting, resized, viewersOf, withResourceIndex } from "../scenario-variants.ts";
import { Simulation } from "../simulation.ts";
import type { SimFlags } from "./program.ts";
import { Progress, stateOf } from "./progress.ts";
import { replayCommand } from "./replay.ts";
import { loadScenario } from "./scenario-files.ts";
import { loadTopology } from "./topology-flag.ts";
import { UsageError } from "./usage-error.ts";
import { ENGINE, FLAT, variantsOf } from "./variants.ts";

export const METER: Meter = {
  nowMs: () => performance.now(),
  cpuMs: () => (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  peakRssMb: () => process.resourceUsage().maxRSS / 1024,
};

/** Do what the command line asks for. @returns The exit code. */
export function runCommand(flags: SimFlags): number {
  const scenario = scenarioOf(flags);
  const seeds = flags.seeds ?? [flags.seed];
  const byName = new Map<string, RunResult[]>();
  let violated = 0;
  for (const { name, flags: own } of variantsOf(flags, scenario.scheduler)) {
    const results = seeds.map((seed) => runOne(own, scenarioOf(own), seed));
    byName.set(name, results);
    for (const result of results) {
      if (result.violations.length === 0) continue;
      violated++;
      process.stderr.write(`${violationText(result, replayCommand(own, result.seed))}\n`);
    }
  }
  if (!flags.json) say(tableOf(flags, scenario, byName));
  const isApart = flags.crossCheck && !isInAgreement(agreementsOf(byName));
  return violated > 0 || isApart ? 1 : 0;
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
    overlay: flags.topology !== undefined ? "static" : (flags.overlay ?? scenario.overlay),
    options: { ...scenario.options, ...flags.option },
  };
  expectKnownStrategies(scenario);
  if (scenario.overlay === "static" && flags.topology === undefined) {
    throw new UsageError("overlay static is nobody's neighbor: name a file with --topology");
  }
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
  if (flags.json) say(JSON.stringify(result));
  return result;
}

function runEngines(
  flags: SimFlags,
  scenario: Scenario,
  seed: number,
  progress: Progress | undefined,
): RunResult {
  const recorder = flags.plot === undefined ? undefined : new SeriesRecorder();
  const { topology: file } = flags;
  const topology = file === undefined ? {} : { topology: loadTopology(file, viewersOf(scenario)) };
  const everySecond = (simulation: Simulation) => {
    progress?.everySecond(() => stateOf(simulation));
    recorder?.note(simulation);
  };
  const run = runScenario(scenario, seed, METER, everySecond, topology);
  if (flags.plot !== undefined && recorder !== undefined) {
    const replay = replayCommand(flags, seed);
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
  byName: ReadonlyMap<string, readonly RunResult[]>,
): string {
  if (flags.crossCheck) return crossCheckTable(scenario, agreementsOf(byName));
  if (flags.compare || flags.sweep) return compareTable(scenario, byName);
  const results = [...byName.values()].flat();
  const [first] = results;
  if (first === undefined) return "";
  return results.length === 1 ? runTable(scenario, first) : summaryTable(scenario, results);
}

function agreementsOf(byName: ReadonlyMap<string, readonly RunResult[]>): Agreement[] {
  return agreements(byName.get(ENGINE) ?? [], byName.get(FLAT) ?? []);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
