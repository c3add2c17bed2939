// One case is warmed up, then run in rounds. What counts is the median of the rounds; how far they
// lie apart says how much it is worth.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { quantile } from "../swarm/statistics.mjs";

/** Half a second a case. A guess at what is enough. */
export const FULL = { rounds: 9, roundMs: 30, warmUpMs: 250 };
/** Everything once: to see that it runs at all. */
export const TINY = { rounds: 1, roundMs: 0, warmUpMs: 0 };

/** The last result: what nobody reads may be optimized away. */
export let lastResult;

/** Every case of a subject, and the figures that follow from them. */
export async function measureSubject(subject, settings) {
  const { name, title, unit, hasThreads = false, warmUpFactor = 1 } = subject;
  const warmUpMs = settings.warmUpMs * warmUpFactor;
  const rows = [];
  for (const benchCase of subject.cases) {
    rows.push(await measure(benchCase, hasThreads, { ...settings, warmUpMs }));
  }
  return { bench: name, title, unit, rows, figures: subject.figures?.(rows, settings) ?? [] };
}

async function measure(benchCase, hasThreads, { rounds, roundMs, warmUpMs }) {
  const warmUntilMs = performance.now() + warmUpMs;
  let runMs;
  do runMs = (await costOfRun(benchCase)).wallNs / 1e6;
  while (performance.now() < warmUntilMs);

  const runs = Math.max(1, Math.round(roundMs / runMs));
  const costs = [];
  for (let round = 0; round < rounds; round++) {
    const startNs = hasThreads ? await mainThreadCpuNs() : undefined;
    const cost = await costOfRound(benchCase, runs);
    const endNs = hasThreads ? await mainThreadCpuNs() : undefined;
    costs.push(startNs === undefined ? cost : { ...cost, mainThreadNs: endNs - startNs });
  }

  const { name, operations, bytesEach } = benchCase;
  const each = (key) => spreadOf(costs.map((cost) => cost[key] / runs / operations));
  return {
    name,
    ...(bytesEach === undefined ? {} : { bytesEach }),
    cpuNs: each("cpuNs"),
    wallNs: each("wallNs"),
    ...(costs[0]?.mainThreadNs === undefined ? {} : { mainThreadNs: each("mainThreadNs") }),
  };
}

async function costOfRound(benchCase, runs) {
  const sum = { cpuNs: 0, wallNs: 0 };
  for (let run = 0; run < runs; run++) {
    const { cpuNs, wallNs } = await costOfRun(benchCase);
    sum.cpuNs += cpuNs;
    sum.wallNs += wallNs;
  }
  return sum;
}

/** CPU time is of all threads, the collector's included; other work on the machine does not count. */
async function costOfRun({ prepare, run }) {
  const prepared = prepare?.();
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const result = run(prepared);
  lastResult = result instanceof Promise ? await result : result;
  const { user, system } = process.cpuUsage(before);
  return { cpuNs: (user + system) * 1000, wallNs: (performance.now() - startedMs) * 1e6 };
}

/** Time on a CPU: the first field (Linux, Documentation/scheduler/sched-stats.rst). */
async function mainThreadCpuNs() {
  if (process.platform !== "linux") return undefined;
  // Brought up to date when the thread is put to sleep, and otherwise a few ms late.
  await wait(2);
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]);
}

function spreadOf(values) {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}
