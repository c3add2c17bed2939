#!/usr/bin/env node
// A Chromium for the end-to-end tests: the one that is there, or one that is installed now.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SYSTEM_PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const INSTALL_TIMEOUT_MS = 15 * 60_000;

/**
 * Path of a Chromium that starts, or undefined.
 *
 * @throws {Error} When `LIVEMESH_CHROMIUM` is set and does not start: whoever set it meant it.
 */
export async function findBrowser() {
  const wanted = process.env.LIVEMESH_CHROMIUM;
  if (wanted) {
    if (starts(wanted)) return wanted;
    throw new Error(`LIVEMESH_CHROMIUM=${wanted} does not start`);
  }
  for (const path of [...SYSTEM_PATHS, await playwrightsOwn()]) {
    if (path !== undefined && starts(path)) return path;
  }
  return undefined;
}

/**
 * Path of a Chromium that starts, installed if need be.
 *
 * @param say Gets one line on what was found or done.
 * @throws {Error} When there is none and none could be installed.
 */
export async function ensureBrowser(say) {
  const found = await findBrowser();
  if (found !== undefined) {
    say(`browser: ${found}`);
    return found;
  }
  // Distribution packages first: they bring the system libraries a browser needs.
  const isRootOnDebian = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (isRootOnDebian) {
    say("browser: none found, installing it with apt-get install -y chromium");
    const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
    run("apt-get", ["update"], options) && run("apt-get", ["install", "-y", "chromium"], options);
    const installed = await findBrowser();
    if (installed !== undefined) return installed;
  }
  say("browser: none found, installing it with npx playwright install chromium");
  const withLibraries = isRootOnDebian ? ["--with-deps"] : [];
  run("npx", ["playwright", "install", ...withLibraries, "chromium"]);
  const installed = await findBrowser();
  if (installed !== undefined) return installed;
  throw new Error(
    "no Chromium and none could be installed; install one and set LIVEMESH_CHROMIUM to its path",
  );
}

async function playwrightsOwn() {
  try {
    const { chromium } = await import("@playwright/test");
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

/** On Ubuntu `/usr/bin/chromium-browser` can be a script that only asks for a snap: so try it. */
function starts(path) {
  if (!existsSync(path)) return false;
  const options = { stdio: "ignore", timeout: 30_000 };
  return spawnSync(path, ["--version"], options).status === 0;
}

/** Installers report on stderr, so that the last line on stdout stays the path. */
function run(command, args, options = {}) {
  const stdio = ["ignore", process.stderr, process.stderr];
  return spawnSync(command, args, { stdio, timeout: INSTALL_TIMEOUT_MS, ...options }).status === 0;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const path = await ensureBrowser((line) => process.stdout.write(`${line}\n`));
    process.stdout.write(`${path}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
