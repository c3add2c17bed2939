#!/usr/bin/env node
// `npm run faults`: encoder, ingest, tracker, Redis and origin killed one after the other, under viewers.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { circumstances, circumstancesLine } from "./circumstances.mjs";
import { World } from "./faults/world.mjs";
import { Processes } from "./load/processes.mjs";

const HELP = `npm run faults -- [options]

  --viewers <n>  headless viewers (default: 20)
  --seconds <n>  how long each stays away (default: 60)
  --only <name>  one of: encoder, ingest, tracker, redis, origin
  --json         a line of JSON instead of a table`;
/** Whose absence viewers must not notice, and those whose return they must notice soon. */
const UNNOTICED = ["tracker", "redis", "origin"];
const NOTICED = ["encoder", "ingest"];
const TARGETS = { continuity: 0.99, resumeMs: 3000 };
/** What was missed shows when its time has passed. */
const SETTLE_MS = 6000;

const { values } = parseArgs({
  options: {
    viewers: { type: "string", default: "20" },
    seconds: { type: "string", default: "60" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) console.log(HELP);
else await main(Number(values.viewers), 1000 * Number(values.seconds), values.only);

async function main(viewers, awayMs, only) {
  const around = circumstances();
  const chosen = [...UNNOTICED, ...NOTICED].filter((name) => only === undefined || name === only);
  const result = await Processes.run(async (processes) => {
    const world = await World.start(processes, viewers);
    try {
      const before = world.memoryMb();
      const faults = [];
      for (const name of chosen) faults.push(await fault(world, name, awayMs));
      return {
        faults,
        memoryMb: { before, after: world.memoryMb() },
        recordedMb: sizeMb(world.recording),
      };
    } finally {
      await world.stop();
    }
  });
  const isMet = result.faults.every(
    ({ continuity, resumeMs }) =>
      (continuity ?? 1) >= TARGETS.continuity && (resumeMs ?? 0) <= TARGETS.resumeMs,
  );
  if (values.json) console.log(JSON.stringify({ ...around, viewers, ...result, isMet }));
  else console.log(`${table(result, viewers, awayMs)}\n\n${circumstancesLine(around)}`);
  process.exitCode = isMet ? 0 : 1;
}

async function fault(world, name, awayMs) {
  await wait(SETTLE_MS);
  const before = world.figures;
  await world.kill(name);
  await wait(awayMs);
  const during = world.figures;
  await world.restart(name);
  if (UNNOTICED.includes(name)) {
    await wait(SETTLE_MS);
    const after = world.figures;
    const delivered = after.delivered - before.delivered;
    const missed = after.missed - before.missed;
    return { name, continuity: delivered / (delivered + missed), delivered, missed };
  }
  const backAtMs = Date.now();
  const isBack = ({ counts }) => counts.every((count, i) => count > (during.counts[i] ?? 0) + 2);
  const { atMs } = await world.until(isBack, `every viewer after the ${name}`);
  return { name, resumeMs: Math.max(0, atMs - backAtMs) };
}

function sizeMb(folder) {
  const files = readdirSync(folder, { recursive: true }).map((name) =>
    statSync(join(folder, name)),
  );
  return (
    Math.round(
      files.filter((file) => file.isFile()).reduce((sum, { size }) => sum + size, 0) / 1e5,
    ) / 10
  );
}

function table({ faults, memoryMb, recordedMb }, viewers, awayMs) {
  const rows = faults.map(({ name, continuity, missed, resumeMs }) =>
    continuity === undefined
      ? `  ${name.padEnd(8)} back at every viewer ${resumeMs} ms after it was (≤ ${TARGETS.resumeMs})`
      : `  ${name.padEnd(8)} continuity ${(100 * continuity).toFixed(2)} %, ${missed} chunks missed (≥ ${100 * TARGETS.continuity} %)`,
  );
  const memory = Object.entries(memoryMb.after)
    .map(([name, mb]) => `${name} ${memoryMb.before[name]} to ${mb} MB`)
    .join(", ");
  return [
    `${viewers} viewers; each killed with SIGKILL (the origin: cut off) for ${awayMs / 1000} s:`,
    ...rows,
    `memory: ${memory}; recorded: ${recordedMb} MB`,
  ].join("\n");
}
