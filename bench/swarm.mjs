#!/usr/bin/env node
/**
 * A swarm of browsers on a live stream, in numbers: what leaves the source, how far behind live the
 * viewers are, how soon they see a picture, what stalls and what it costs.
 *
 *   npm run bench:swarm -- --viewers 10 --seconds 60
 *
 * Everything is real: encoder over TCP, `livemesh serve`, one Chromium with a context per viewer.
 * docs/tuning.md says how to read it.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { ProcessUsage } from "./process-usage.mjs";
import { seededRandom, shuffled } from "./seeded-random.mjs";
import { openBrowser } from "./swarm-browser.mjs";
import { reportOf, tableOf } from "./swarm-report.mjs";
import { startSource } from "./swarm-source.mjs";

const HELP = `npm run bench:swarm -- [options]
  --viewers <n>         tabs, each in a browser context of its own (default 10)
  --seconds <s>         measured time, from the last arrival on (default 60)
  --arrival <kind>      steady: one after another; flash: all in the same instant (default steady)
  --churn <share>       of the viewers closed at half time, 0 to 0.9 (default 0)
  --seed <n>            of arrivals and of who is closed (default 1)
  --serve <options>     more options for livemesh serve, in one string
  --json <file>         write the numbers there too
  --save                keep them in bench/results, with date, machine and commit
  --screenshot <file>   the first tab at the end, as PNG
`;
/** Mean pause between two arrivals. */
const ARRIVAL_PAUSE_MS = 1000;
const USAGE_SAMPLE_MS = 2000;

const { values } = parseArgs({
  options: {
    viewers: { type: "string", default: "10" },
    seconds: { type: "string", default: "60" },
    arrival: { type: "string", default: "steady" },
    churn: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    serve: { type: "string", default: "" },
    json: { type: "string" },
    save: { type: "boolean", default: false },
    screenshot: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const options = {
  viewers: numberOption("viewers", 1, 200),
  seconds: numberOption("seconds", 1, 3600),
  arrival: values.arrival,
  churn: numberOption("churn", 0, 0.9),
  seed: numberOption("seed", 0, 2 ** 32 - 1),
};
if (options.arrival !== "steady" && options.arrival !== "flash") {
  fail(`--arrival is steady or flash, not ${options.arrival}`);
}

const closers = [];
try {
  const measured = await run();
  const report = { ...reportOf(measured), measuredOn: machine() };
  process.stdout.write(tableOf(report));
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (values.json !== undefined) writeFileSync(values.json, json);
  else process.stdout.write(json);
  if (values.save) save(json);
} finally {
  for (const close of closers.reverse()) await close().catch((error) => console.error(error));
}

async function run() {
  const random = seededRandom(options.seed);
  const source = await startSource({ serveOptions: values.serve.split(" ").filter(Boolean) });
  closers.push(() => source.close());
  const browser = await openBrowser(source.watchUrl);
  closers.push(() => browser.close());
  const usage = new ProcessUsage({
    server: () => source.serverPids(),
    encoder: () => source.encoderPids(),
    browser: () => [process.pid],
  });

  const earlier = options.arrival === "flash" ? 0 : options.viewers - 1;
  for (let count = 0; count < earlier; count++) {
    await browser.addViewer();
    await pause(ARRIVAL_PAUSE_MS * (0.5 + random()));
  }
  // From here on everybody has arrived: the span that is measured.
  const startCounters = await source.counters();
  const startMs = performance.now();
  usage.sample();
  await Promise.all(Array.from({ length: options.viewers - earlier }, () => browser.addViewer()));
  let populationMs = 0;
  let population = options.viewers;
  let changedMs = startMs;
  const usageTimer = setInterval(() => usage.sample(), USAGE_SAMPLE_MS);

  const left = [];
  if (options.churn > 0) {
    await pause((options.seconds * 1000) / 2 - (performance.now() - startMs));
    const leaving = shuffled([...browser.viewers], random);
    leaving.length = Math.round(options.churn * options.viewers);
    left.push(...(await Promise.all(leaving.map((viewer) => viewer.leave()))));
    populationMs += population * (performance.now() - changedMs);
    changedMs = performance.now();
    population -= leaving.length;
  }
  await pause(options.seconds * 1000 - (performance.now() - startMs));
  clearInterval(usageTimer);
  usage.sample();
  const endMs = performance.now();
  populationMs += population * (endMs - changedMs);
  const endCounters = await source.counters();
  const stayed = await browser.readViewers();
  if (values.screenshot !== undefined) await browser.screenshot(values.screenshot);
  return {
    options,
    clip: source.clipName,
    spanMs: endMs - startMs,
    meanViewers: populationMs / (endMs - startMs),
    startCounters,
    endCounters,
    stayed,
    left,
    usage: usage.totals(),
    othersCpuSec: usage.othersCpuSec(),
  };
}

function numberOption(name, min, max) {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  return fail(`--${name} is a number from ${min} to ${max}, not ${values[name]}`);
}

function fail(message) {
  console.error(`bench:swarm: ${message}`);
  process.exit(2);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

function machine() {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    commit: gitCommit(),
    command: ["bench:swarm", ...process.argv.slice(2)].join(" "),
    cpu: `${cpus().length} × ${cpu?.model ?? "unknown"}`,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

function gitCommit() {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

function save(json) {
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const kind = `${options.viewers}-${options.arrival}${options.churn > 0 ? "-churn" : ""}`;
  const name = `swarm-${kind}-${new Date().toISOString().slice(0, 10)}.json`;
  writeFileSync(new URL(name, folder), json);
  console.error(`saved bench/results/${name}`);
}
