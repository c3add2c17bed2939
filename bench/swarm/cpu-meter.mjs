import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND =
  Number(spawnSync("getconf", ["CLK_TCK"], { encoding: "utf8" }).stdout) || 100;

/**
 * CPU time of a process and all its descendants, Linux only. Sampled, because what ended processes
 * used is lost for us: what they used after their last sample is not counted.
 */
export class CpuMeter {
  #rootPid;
  #isAlone;
  /** By process, told apart by pid and start time: [at the start, last seen], in ms. */
  #used = new Map();

  /** @param options.isAlone Without the descendants. */
  constructor(rootPid, { isAlone = false } = {}) {
    this.#rootPid = rootPid;
    this.#isAlone = isAlone;
  }

  start() {
    this.#used.clear();
    for (const { key, cpuMs } of this.#read()) this.#used.set(key, [cpuMs, cpuMs]);
  }

  sample() {
    for (const { key, cpuMs } of this.#read()) {
      this.#used.set(key, [this.#used.get(key)?.[0] ?? 0, cpuMs]);
    }
  }

  /** @returns CPU time since `start`, in ms. */
  stop() {
    this.sample();
    return [...this.#used.values()].reduce((sum, [first, last]) => sum + last - first, 0);
  }

  #read() {
    const all = readProcesses();
    return this.#isAlone
      ? all.filter(({ pid }) => pid === this.#rootPid)
      : withDescendants(all, this.#rootPid);
  }
}

/** Memory of a process and its descendants, shared pages divided among who shares them. */
export function memoryBytes(rootPid) {
  return withDescendants(readProcesses(), rootPid).reduce((sum, { pid }) => {
    const [, kib] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "") ?? [];
    return sum + Number(kib ?? 0) * 1024;
  }, 0);
}

/** CPU time the whole machine has used for anything, in ms. */
export function machineBusyMs() {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (read("/proc/stat") ?? "")
    .split("\n", 1)[0]
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return msOf(user + nice + system + irq + softirq);
}

/** @param all Processes as [{pid, parent}]. */
export function withDescendants(all, rootPid) {
  const family = new Set([rootPid]);
  // Parents may come after their children in the list.
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid));
}

/** One line of /proc/<pid>/stat (proc(5)); the name may hold blanks and brackets. */
export function parseStat(line, ticksPerSecond = TICKS_PER_SECOND) {
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return {
    pid,
    parent: Number(fields[1]),
    key: `${pid} ${fields[19]}`,
    cpuMs: (ticks * 1000) / ticksPerSecond,
  };
}

function readProcesses() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => read(`/proc/${pid}/stat`))
    .filter((line) => line !== undefined)
    .map((line) => parseStat(line));
}

/** Undefined when the process is gone. */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function msOf(ticks) {
  return (ticks * 1000) / TICKS_PER_SECOND;
}
