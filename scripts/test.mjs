#!/usr/bin/env node
// Everything a change must pass. `npm test`, or `npm test -- unit e2e` for some of the steps.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBrowser } from "./ensure-browser.mjs";
import { ensureTool } from "./ensure-tool.mjs";
import {
  playwrightOutcome,
  simOutcome,
  singleOutcome,
  summaryLine,
  sumOutcomes,
  vitestOutcome,
} from "./test-report.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = mkdtempSync(join(tmpdir(), "livemesh-test-"));

const steps = {
  types: async () =>
    singleOutcome(
      (await run("tsc", ["-b"])) === 0 && (await run("tsc", ["-p", "tsconfig.tests.json"])) === 0,
      "types: see the messages of tsc above",
    ),

  lint: async () =>
    singleOutcome((await run("biome", ["check", "."])) === 0, "lint: see biome's messages above"),

  unit: async () => {
    for (const tool of ["ffmpeg", "redis-server", "turnserver"]) ensureTool(tool, say);
    const file = join(reports, "vitest.json");
    const args = ["run", "--reporter=dot", "--reporter=json", `--outputFile.json=${file}`];
    const exitCode = await run("vitest", args);
    return vitestOutcome(readReport(file), exitCode);
  },

  sim: async () => {
    const file = join(reports, "sim.json");
    const exitCode = await runNode("scripts/sim-check.mjs", ["--report", file]);
    return simOutcome(readReport(file), exitCode);
  },

  build: async () =>
    singleOutcome(
      (await run("tsc", ["-b"])) === 0 &&
        (await run("vite", ["build"])) === 0 &&
        (await runNode("scripts/build-player.mjs", [])) === 0,
      "build: see the messages above",
    ),

  size: async () =>
    singleOutcome(
      (await runNode("scripts/size.mjs", [])) === 0,
      "size: the player is over web/size-budget.json, see above",
    ),

  e2e: async () => {
    let browser;
    try {
      browser = await ensureBrowser(say);
    } catch (error) {
      return singleOutcome(false, `browser: ${error instanceof Error ? error.message : error}`);
    }
    ensureTool("firefox-esr", say);
    const outcomes = [];
    // One after the other: what one tab shows may share the machine, what a swarm does may not.
    for (const project of ["one tab", "swarm"]) {
      const file = join(reports, `playwright ${project}.json`);
      const exitCode = await run(
        "playwright",
        [
          ...["test", "--config", "e2e/playwright.config.ts", "--project", project],
          "--reporter=list,json",
        ],
        { LIVEMESH_CHROMIUM: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
      );
      outcomes.push(playwrightOutcome(readReport(file), exitCode));
    }
    return sumOutcomes(outcomes);
  },
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(steps);
const unknown = chosen.find((name) => !Object.hasOwn(steps, name));
if (unknown !== undefined) {
  say(`npm test: unknown step "${unknown}"; there are ${Object.keys(steps).join(", ")}`);
  process.exit(2);
}

const outcomes = [];
let isBuilt = true;
for (const name of chosen) {
  say(`\n── ${name}`);
  const startedAtMs = performance.now();
  const outcome =
    name === "e2e" && !isBuilt
      ? singleOutcome(false, "e2e: not run, for the build failed")
      : await steps[name]();
  if (name === "build") isBuilt = outcome.failed === 0;
  outcomes.push(outcome);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  say(`── ${name}: ${summaryLine([outcome])} (${seconds} s)`);
}
rmSync(reports, { recursive: true, force: true });

const problems = outcomes.flatMap((outcome) => outcome.problems);
if (problems.length > 0) say(`\nFailed:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
process.exitCode = problems.length > 0 ? 1 : 0;
say(`\n${summaryLine(outcomes)}`);

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Exit code of a tool of ours; its output goes where ours goes. */
function run(tool, args, extraEnv = {}) {
  return runProgram(tool, join(root, "node_modules/.bin", tool), args, extraEnv);
}

function runNode(script, args) {
  return runProgram(script, process.execPath, [join(root, script), ...args]);
}

function runProgram(tool, program, args, extraEnv = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...extraEnv },
    });
    child.once("error", (error) => {
      say(`${tool}: ${error.message}`);
      resolve(127);
    });
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 1));
  });
}

/** Undefined when the runner died before it wrote its report. */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
