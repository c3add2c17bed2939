#!/usr/bin/env node
// An nginx for the test of caches in front: the one that is there, or one that is installed now.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const PATHS = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx"];
const INSTALL_TIMEOUT_MS = 3 * 60_000;

/**
 * Path of an nginx, installed if need be and allowed: as root, on Debian.
 *
 * @returns {string | undefined} Undefined when there is none and none could be installed.
 */
export function ensureNginx() {
  return findNginx() ?? (install() ? findNginx() : undefined);
}

function findNginx() {
  return PATHS.find((path) => existsSync(path) && spawnSync(path, ["-v"]).status === 0);
}

function install() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  const options = {
    stdio: "ignore",
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  const run = (...args) => spawnSync("/usr/bin/apt-get", args, options).status === 0;
  return run("update") && run("install", "-y", "--no-install-recommends", "nginx-light");
}
