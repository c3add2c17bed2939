#!/usr/bin/env node
// What Google's Lighthouse says of our pages, with a live stream on them: `npm run lighthouse`, after
// `npm run build`. Fails when a score is below what the pages are to have.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";
import { findBrowser } from "../scripts/ensure-browser.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const WANTED = 95;
/** A live page never falls silent; it is judged by what it did until then, in ms. */
const LOAD_WITHIN_MS = 15_000;
const START_WITHIN_MS = 20_000;

const { values } = parseArgs({
  options: {
    /** Of `directory`, `watch`, `broadcast`; default all. */
    page: { type: "string", multiple: true },
    /** `desktop`, or `phone`: a slow one on a slow network. Default both. */
    device: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
  },
});

const executablePath = await findBrowser();
if (executablePath === undefined) {
  process.stderr.write("npm run lighthouse: no Chromium; set LIVEMESH_CHROMIUM to its path\n");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "livemesh-lighthouse-"));
const server = spawn(
  process.execPath,
  [
    "bin/livemesh.js",
    "serve",
    "--port",
    "0",
    "--key",
    join(folder, "key.pem"),
    "--title",
    "Harbor",
  ],
  { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
);
try {
  const watchUrl = await watchUrlOf(server);
  const pages = {
    directory: new URL("/", watchUrl).href,
    watch: watchUrl,
    broadcast: new URL("/broadcast", watchUrl).href,
  };
  const results = [];
  for (const device of values.device ?? ["desktop", "phone"]) {
    for (const page of values.page ?? Object.keys(pages)) {
      results.push({ page, device, ...(await judge(pages[page], device)) });
      if (!values.json) tell(results.at(-1));
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  const isLow = ({ device, scores, problem }) =>
    problem !== undefined || Object.values(scores).some((score) => score < floor(device));
  process.exitCode = results.some(isLow) ? 1 : 0;
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function judge(url, device) {
  const browser = await puppeteer.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
  });
  try {
    const page = await browser.newPage();
    const flags = { onlyCategories: CATEGORIES, maxWaitForLoad: LOAD_WITHIN_MS, logLevel: "error" };
    const config = device === "desktop" ? desktopConfig : undefined;
    const { lhr } = await lighthouse(url, flags, config, page);
    if (lhr.runtimeError !== undefined) return { scores: {}, problem: lhr.runtimeError.message };
    const scores = Object.fromEntries(
      CATEGORIES.map((name) => [name, Math.round(100 * (lhr.categories[name]?.score ?? 0))]),
    );
    return { scores, lost: lostPoints(lhr), ...timings(lhr) };
  } finally {
    await browser.close();
  }
}

/** What costs points, for whoever wants them back. */
function lostPoints({ categories, audits }) {
  return CATEGORIES.flatMap((name) => categories[name].auditRefs)
    .filter(({ id, weight }) => weight > 0 && (audits[id].score ?? 1) < 0.9)
    .map(({ id }) => `${id}${audits[id].displayValue ? ` ${audits[id].displayValue}` : ""}`);
}

function timings({ audits }) {
  const ms = (id) => Math.round(audits[id].numericValue ?? 0);
  return {
    firstPaintMs: ms("first-contentful-paint"),
    largestPaintMs: ms("largest-contentful-paint"),
    blockedMs: ms("total-blocking-time"),
  };
}

/** Lighthouse imagines a phone four times slower than this machine: that score is only told. */
function floor(device) {
  return device === "desktop" ? WANTED : 0;
}

function tell({ page, device, scores, problem, lost, firstPaintMs, largestPaintMs, blockedMs }) {
  if (problem !== undefined) {
    process.stdout.write(`${page} on a ${device}: could not be judged: ${problem}\n`);
    return;
  }
  const points = CATEGORIES.map((name) => `${name} ${scores[name]}`).join(", ");
  const times = `first paint ${firstPaintMs} ms, largest ${largestPaintMs} ms, blocked ${blockedMs} ms`;
  process.stdout.write(`${page} on a ${device}: ${points} (${times})\n`);
  for (const reason of lost) process.stdout.write(`  lost by ${reason}\n`);
}

async function watchUrlOf(child) {
  let said = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no watch URL:\n${said}`)), START_WITHIN_MS);
    const hear = (bytes) => {
      said += bytes;
      const [url] = /http:\/\/\S+\/watch\/[a-z2-7]{32}/.exec(said) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
  });
}
