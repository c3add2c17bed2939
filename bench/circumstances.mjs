import { spawnSync } from "node:child_process";
import { arch, cpus, loadavg } from "node:os";

/** Without these a number means nothing. */
export function circumstances() {
  return {
    date: new Date().toISOString(),
    commit: commit(),
    machine: `${cpus()[0]?.model.trim() ?? "unknown"} (${cpus().length} cores, ${arch()}), Node ${process.version}`,
    /** Average of the last minute, our own work included. */
    load: Number(loadavg()[0].toFixed(2)),
  };
}

export function circumstancesLine({ date, commit, machine, load }) {
  return `${machine}; ${date.slice(0, 10)}, commit ${commit}, load ${load}`;
}

/** The commit checked out, `-changed` when files differ from it. */
export function commit() {
  const git = (...args) => spawnSync("git", args, { encoding: "utf8" }).stdout?.trim() ?? "";
  const head = git("rev-parse", "--short", "HEAD") || "unknown";
  return git("status", "--porcelain", "--untracked-files=no") === "" ? head : `${head}-changed`;
}
