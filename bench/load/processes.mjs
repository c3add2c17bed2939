import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CpuMeter } from "../swarm/cpu-meter.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const UP_WITHIN_MS = 60_000;
/** Characters of what a process said: its last words are what is asked for. */
const OUTPUT_KEPT = 100_000;

/** Processes of one benchmark, and a folder for what they write; both are gone after it. */
export class Processes {
  #children = [];

  static async run(body) {
    const processes = new Processes();
    processes.folder = await mkdtemp(join(tmpdir(), "livemesh-bench-"));
    try {
      return await body(processes);
    } finally {
      await processes.#close();
    }
  }

  /** @param script Seen from the root of the project. @returns {{pid, says, output}} */
  start(script, args) {
    return this.run([process.execPath, join(ROOT, script)], args);
  }

  /** @param command A program and its first arguments. */
  run([program, ...first], args) {
    const env = { ...process.env, HOME: this.folder };
    const child = spawn(program, [...first, ...args], { cwd: ROOT, env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output = `${output}${text}`.slice(-OUTPUT_KEPT);
      });
    }
    const gone = new Promise((resolve) => child.once("close", resolve));
    this.#children.push({ child, gone });
    const says = async (pattern) => {
      const endMs = Date.now() + UP_WITHIN_MS;
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (child.exitCode !== null || Date.now() > endMs) {
          throw new Error(`${args[0]} did not say ${pattern}: ${output.slice(-500)}`);
        }
        await wait(100);
      }
    };
    const kill = async (signal = "SIGKILL") => {
      child.kill(signal);
      await gone;
    };
    return { pid: child.pid, says, gone, kill, output: () => output };
  }

  livemesh(...args) {
    return this.start("bin/livemesh.js", args);
  }

  /** In the order in which they were started, so that a tracker outlives nobody it has to serve. */
  async #close() {
    for (const { child, gone } of this.#children.reverse()) {
      child.kill("SIGTERM");
      const kill = setTimeout(() => child.kill("SIGKILL"), 3000);
      await gone;
      clearTimeout(kill);
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** CPU of one process while `ms` pass, in percent of a core, and its memory at the end, in MB. */
export async function costOf(pid, ms) {
  const meter = new CpuMeter(pid, { isAlone: true });
  const startMs = performance.now();
  meter.start();
  await wait(ms);
  const cpuMs = meter.stop();
  const cpuPercent = Number(((100 * cpuMs) / (performance.now() - startMs)).toFixed(1));
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return { cpuPercent, memoryMb: Math.round(Number(kb) / 1024) };
}

export async function until(isMet, what) {
  const endMs = Date.now() + UP_WITHIN_MS;
  while (!(await isMet().catch(() => false))) {
    if (Date.now() > endMs) throw new Error(`${what} did not come about`);
    await wait(200);
  }
}

export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
