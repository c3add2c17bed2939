import { type Meter, startCost } from "./cost.ts";
import { type RunResult, resultOf } from "./result.ts";
import type { Scenario } from "./scenario.ts";
import { Simulation } from "./simulation.ts";
import { type Snapshot, snapshot } from "./snapshot.ts";
import type { PlugIns } from "./viewer.ts";

/** Called after every second of virtual time. */
export type EverySecond = (simulation: Simulation) => void;

export type Run = { simulation: Simulation; result: RunResult };

/** One scenario with one seed, from its start to its end. */
export function runScenario(
  scenario: Scenario,
  seed: number,
  meter: Meter,
  everySecond: EverySecond = () => {},
  plugIns: PlugIns = {},
): Run {
  const spent = startCost(meter);
  const simulation = new Simulation(scenario, seed, plugIns);
  let before: Snapshot | undefined;
  for (const atMs of stops(scenario)) {
    simulation.run(atMs);
    if (atMs === scenario.measureFromMs) before = snapshot(simulation);
    if (atMs % 1000 === 0) everySecond(simulation);
  }
  const result = resultOf(simulation, before ?? snapshot(simulation), spent());
  return { simulation, result };
}

/** Every full second, the moment measuring begins, and the end. */
function stops({ durationMs, measureFromMs }: Scenario): number[] {
  const seconds = Array.from({ length: Math.floor(durationMs / 1000) }, (_, i) => 1000 * (i + 1));
  return [...new Set([...seconds, measureFromMs, durationMs])].sort((a, b) => a - b);
}
