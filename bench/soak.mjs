#!/usr/bin/env node
// `npm run soak`: everything at once for hours, with viewers that come and go; what grows, and what drifts.
import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { circumstances, circumstancesLine } from "./circumstances.mjs";
import { World } from "./faults/world.mjs";
import { Processes } from "./load/processes.mjs";

const HELP = `npm run soak -- [options]

  --hours <n>    how long (default: 2)
  --viewers <n>  at a time; one is replaced every five seconds (default: 10)
  --json         a line of JSON at the end, besides the table`;
/** What is measured before that is warming up. */
const WARM_SHARE = 0.25;
const ROWS = 12;
/** Growth from the end of warming up to the end that is still noise. */
const TARGETS = { memoryGrowth: 0.15, handleGrowth: 30, driftMs: 300, continuity: 0.99 };

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "2" },
    viewers: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) console.log(HELP);
else await main(Number(values.hours) * 3_600_000, Number(values.viewers));

async function main(forMs, viewers) {
  const around = circumstances();
  const samples = await Processes.run(async (processes) => {
    const world = await World.start(processes, viewers, "churn");
    try {
      return await watch(world, forMs);
    } finally {
      await world.stop();
    }
  });
  const verdict = judge(samples);
  if (values.json) console.log(JSON.stringify({ ...around, viewers, samples, ...verdict }));
  console.log(`\n${verdict.lines.join("\n")}\n\n${circumstancesLine(around)}`);
  process.exitCode = verdict.isMet ? 0 : 1;
}

async function watch(world, forMs) {
  const samples = [];
  const startMs = Date.now();
  console.log(
    "   time  memory, MB: tracker ingest viewers  handles: tracker ingest viewers  latency  missed",
  );
  while (Date.now() - startMs < forMs) {
    await wait(forMs / ROWS);
    const { delivered, missed, meanLatencyMs } = world.figures;
    const sample = {
      atMs: Date.now() - startMs,
      memoryMb: world.memoryMb(),
      handles: handlesOf(world),
      ...{ latencyMs: meanLatencyMs, delivered, missed },
    };
    samples.push(sample);
    console.log(line(sample));
  }
  return samples;
}

/** Open files and sockets, by process: what is forgotten stays open. */
function handlesOf(world) {
  const count = (name) => readdirSync(`/proc/${world.pidOf(name)}/fd`).length;
  return Object.fromEntries(["tracker", "ingest", "viewers"].map((name) => [name, count(name)]));
}

function judge(samples) {
  const warm = samples[Math.floor(samples.length * WARM_SHARE)];
  const end = samples.at(-1);
  const growth = (name) => end.memoryMb[name] / warm.memoryMb[name] - 1;
  const opened = (name) => end.handles[name] - warm.handles[name];
  const names = Object.keys(end.memoryMb);
  const driftMs = end.latencyMs - warm.latencyMs;
  const delivered = end.delivered - warm.delivered;
  const continuity = delivered / (delivered + end.missed - warm.missed);
  const isMet =
    names.every(
      (name) => growth(name) <= TARGETS.memoryGrowth && opened(name) <= TARGETS.handleGrowth,
    ) &&
    driftMs <= TARGETS.driftMs &&
    continuity >= TARGETS.continuity;
  const lines = [
    ...names.map((name) => `${name}: memory ${percent(growth(name))}, handles +${opened(name)}`),
    `latency drifted by ${driftMs} ms (≤ ${TARGETS.driftMs}), continuity ${(100 * continuity).toFixed(2)} % (≥ ${100 * TARGETS.continuity} %)`,
  ];
  return { isMet, continuity, driftMs, lines };
}

function line({ atMs, memoryMb, handles, latencyMs, missed }) {
  const cells = (record) =>
    Object.values(record)
      .map((value) => `${value}`.padStart(7))
      .join("");
  const time = `${Math.round(atMs / 1000)} s`.padStart(7);
  return `${time}             ${cells(memoryMb)}             ${cells(handles)}  ${latencyMs} ms  ${missed}`;
}

function percent(value) {
  return `${value >= 0 ? "+" : ""}${(100 * value).toFixed(1)} %`;
}
