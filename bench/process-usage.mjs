import { readdirSync, readFileSync } from "node:fs";

/** Kernel ticks per second in /proc/<pid>/stat: fixed at 100 for user space (proc(5)). */
const TICKS_PER_SECOND = 100;

/**
 * CPU time and memory of process trees, from /proc. A process belongs to the first group one of
 * whose roots it descends from, nearest root first, so groups may be nested. What a process used
 * after its last sample before it ended is not seen.
 */
export class ProcessUsage {
  #groups;
  #lastTicks = new Map();
  #cpuTicks = new Map();
  #samples = 0;
  #busyTicks = { first: 0, last: 0 };

  /** @param groups Name to a function that returns the pids of the roots. */
  constructor(groups) {
    this.#groups = groups;
    for (const name of Object.keys(groups)) this.#cpuTicks.set(name, 0);
  }

  /** The first call sets the start; CPU is counted from there. */
  sample() {
    const processes = readProcesses();
    const groupOf = this.#grouping(processes);
    for (const [pid, { ticks }] of processes) {
      const group = groupOf(pid);
      if (group === undefined) continue;
      // A process that is new since the last sample used all its time in between.
      const before = this.#lastTicks.get(pid) ?? (this.#samples === 0 ? ticks : 0);
      this.#cpuTicks.set(group, this.#cpuTicks.get(group) + ticks - before);
      this.#lastTicks.set(pid, ticks);
    }
    this.#busyTicks.last = machineBusyTicks();
    if (this.#samples === 0) this.#busyTicks.first = this.#busyTicks.last;
    this.#samples++;
  }

  /** CPU seconds of everything else on this machine since the start: what disturbs a run. */
  othersCpuSec() {
    const busy = this.#busyTicks.last - this.#busyTicks.first;
    const ours = [...this.#cpuTicks.values()].reduce((sum, ticks) => sum + ticks, 0);
    return Math.max(0, busy - ours) / TICKS_PER_SECOND;
  }

  /** Group name to CPU seconds since the start and memory in bytes now (shared pages split). */
  totals() {
    const processes = readProcesses();
    const groupOf = this.#grouping(processes);
    const totals = Object.fromEntries(
      [...this.#cpuTicks].map(([name, ticks]) => [
        name,
        { cpuSec: ticks / TICKS_PER_SECOND, memoryBytes: 0 },
      ]),
    );
    for (const pid of processes.keys()) {
      const group = groupOf(pid);
      if (group !== undefined && pid !== process.pid) {
        totals[group].memoryBytes += proportionalBytes(pid);
      }
    }
    return totals;
  }

  #grouping(processes) {
    const roots = new Map();
    for (const [name, pids] of Object.entries(this.#groups)) {
      for (const pid of pids()) roots.set(pid, name);
    }
    return (pid) => {
      // The bench itself starts everything and is not part of it.
      if (pid === process.pid) return undefined;
      for (let at = pid; at > 1; at = processes.get(at)?.parent ?? 0) {
        const group = roots.get(at);
        if (group !== undefined) return group;
      }
      return undefined;
    };
  }
}

function readProcesses() {
  const processes = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    // The command in parentheses may hold anything; fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields.length < 13) continue;
    processes.set(Number(name), {
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
    });
  }
  return processes;
}

/** Of all processors, without idle and waiting for disks: fields of /proc/stat, proc(5). */
function machineBusyTicks() {
  const [, user, nice, system, , , interrupt, soft] = read("/proc/stat").split(/\s+/, 8);
  return [user, nice, system, interrupt, soft].reduce((sum, ticks) => sum + Number(ticks), 0);
}

function proportionalBytes(pid) {
  const match = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`));
  return Number(match?.[1] ?? 0) * 1024;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
