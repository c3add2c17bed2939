#!/usr/bin/env node
// How good is the mesh? N tabs of one Chromium watch one stream through the real servers; what is
// measured stands beside its target and its bound. `npm run bench:swarm -- --help` for the options.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureBrowser } from "../scripts/ensure-browser.mjs";
import { commit } from "./circumstances.mjs";
import { prepareClip } from "./swarm/clip.mjs";
import { CpuMeter, machineBusyMs, memoryBytes } from "./swarm/cpu-meter.mjs";
import { measure } from "./swarm/measure.mjs";
import { HELP, readOptions } from "./swarm/options.mjs";
import { seededRandom, someOf } from "./swarm/random.mjs";
import { rowsOf, tableOf } from "./swarm/report.mjs";
import { startStream } from "./swarm/stream.mjs";
import { openBrowser } from "./swarm/viewers.mjs";

/** From the last viewer's first frame to the measured span, without a flash crowd. */
const SETTLE_MS = 5000;
const START_WITHIN_MS = 60_000;
const SAMPLE_MS = 1000;

/** Ends what was started, the last first. */
const cleanups = [];
let exitCode = 0;
try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else await report(options, await run(options));
} catch (error) {
  say(`bench:swarm: ${error instanceof Error ? error.message : error}`);
  exitCode = cleanups.length === 0 ? 2 : 1;
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
process.exit(exitCode);

async function run(options) {
  const { viewers: count, seconds, arrival, churn, seed, player } = options;
  const random = seededRandom(seed);
  const clip = prepareClip(options.clip, say);
  const executablePath = await ensureBrowser(say);
  const stream = await startStream({ clip: clip.file, serveOptions: options.serve });
  cleanups.push(() => stream.close());
  const browser = await openBrowser(executablePath, count, player);
  cleanups.push(() => browser.close());
  say(`${count} viewers, ${arrival}, ${seconds} s, churn ${churn}, seed ${seed}`);
  say(`stream: ${clip.description}`);

  const startedAt = new Date();
  const beforeArrival = await stream.stats();
  let span;
  if (arrival === "flash") {
    span = await beginSpan(stream, browser);
    await Promise.all(browser.viewers.map((viewer) => viewer.open(stream.watchUrl)));
    await allStarted(browser);
  } else {
    for (const [i, viewer] of browser.viewers.entries()) {
      if (i > 0) await wait(options.everyMs);
      await viewer.open(stream.watchUrl);
    }
    await allStarted(browser);
    await wait(SETTLE_MS);
    span = await beginSpan(stream, browser);
  }
  const endMs = span.fromMs + seconds * 1000;
  const leavers = someOf(browser.viewers, Math.round(churn * count), random);
  await runUntil(churn > 0 ? span.fromMs + seconds * 500 : endMs, span.meters);
  const left = await closeTabs(leavers);
  await runUntil(endMs, span.meters);
  const measured = await endSpan(span, stream, browser, left);
  if (options.screenshot !== undefined) await browser.screenshot(options.screenshot);

  return {
    date: startedAt.toISOString(),
    commit: commit(),
    machine: `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores, Node ${process.version}`,
    browser: browser.version,
    command: `npm run bench:swarm -- ${process.argv.slice(2).join(" ")}`.trim(),
    stream: clip.description,
    options: { viewers: count, seconds, arrival, churn, seed, player },
    ...measure({ ...measured, source: { beforeArrival, ...measured.source } }),
  };
}

/** The first reading of everything that is measured as a difference. */
async function beginSpan(stream, browser) {
  const meters = {
    browser: new CpuMeter(browser.pid),
    server: new CpuMeter(stream.serverPid),
    encoder: new CpuMeter(stream.encoderPid),
    bench: new CpuMeter(process.pid, { isAlone: true }),
  };
  const viewersAtStart = await Promise.all(browser.viewers.map((viewer) => viewer.stats()));
  const atStart = await stream.stats();
  for (const meter of Object.values(meters)) meter.start();
  return { fromMs: Date.now(), atStart, viewersAtStart, meters, busyAtStartMs: machineBusyMs() };
}

async function endSpan(span, stream, browser, left) {
  const untilMs = Date.now();
  const cpuMs = Object.fromEntries(
    Object.entries(span.meters).map(([name, meter]) => [name, meter.stop()]),
  );
  const busyMs = machineBusyMs() - span.busyAtStartMs;
  const atEnd = await stream.stats();
  const memory = { browser: memoryBytes(browser.pid), server: memoryBytes(stream.serverPid) };
  const viewers = await Promise.all(
    browser.viewers.map(async (viewer, i) => ({
      statsAtStart: span.viewersAtStart[i],
      ...(left.get(viewer) ?? (await viewer.record())),
    })),
  );
  const source = { atStart: span.atStart, atEnd };
  return { fromMs: span.fromMs, untilMs, source, viewers, cpuMs, busyMs, memory };
}

async function allStarted(browser) {
  await Promise.all(browser.viewers.map((viewer) => viewer.hasStarted(START_WITHIN_MS)));
}

async function runUntil(endMs, meters) {
  for (let nowMs = Date.now(); nowMs < endMs; nowMs = Date.now()) {
    await wait(Math.min(SAMPLE_MS, endMs - nowMs));
    for (const meter of Object.values(meters)) meter.sample();
  }
}

/** What they knew when they were closed, by viewer. */
async function closeTabs(viewers) {
  const records = new Map();
  if (viewers.length > 0) say(`half time: ${viewers.length} viewers are closed`);
  await Promise.all(
    viewers.map(async (viewer) => {
      records.set(viewer, { ...(await viewer.record()), leftAtMs: Date.now() });
      await viewer.kill();
    }),
  );
  return records;
}

async function report(options, result) {
  const json = JSON.stringify(result, null, 2);
  console.log(options.json ? json : `\n${tableOf(rowsOf(result))}`);
  if (!options.save) return;
  const folder = new URL("results/", import.meta.url);
  const { viewers, arrival, churn, player } = result.options;
  const how = `${arrival}${churn > 0 ? `-churn${churn}` : ""}`;
  const kind = `${viewers}-${how}${player === "hls" ? "-hls" : ""}`;
  const file = new URL(`${result.date.slice(0, 10)}-${result.commit}-swarm-${kind}.json`, folder);
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${json}\n`);
  say(`saved ${fileURLToPath(file)}`);
}

/** Progress goes to stderr, so that stdout is the result alone. */
function say(line) {
  process.stderr.write(`${line}\n`);
}
