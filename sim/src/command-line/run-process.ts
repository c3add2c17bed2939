import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CheckedRun } from "../baseline.ts";
import type { RunResult } from "../result.ts";
import { parseSeeds } from "./value-parsers.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
/** Runs at a time: most machines have two cores, and a run needs one. */
const PROCESSES = 2;

/** Each run in a process of its own, two at a time. @param done Told of each as it ends. */
export async function runsInParallel(
  runs: readonly CheckedRun[],
  done: (run: CheckedRun, results: RunResult[]) => void,
): Promise<void> {
  const waiting = [...runs];
  const work = async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      done(run, await runProcess(run));
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, work));
}

/** Results of all seeds; violations are in them, so the exit code says nothing new. */
function runProcess({ scenario, peers, seconds, seeds }: CheckedRun): Promise<RunResult[]> {
  const size = ["--peers", String(peers), "--seconds", String(seconds), "--seeds", seeds];
  const args = [MAIN, "--scenario", scenario, ...size, "--json", "--quiet"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.once("error", reject);
    child.once("close", () => {
      const lines = output.split("\n").filter(Boolean);
      const isComplete = lines.length === parseSeeds(seeds).length;
      if (isComplete) resolve(lines.map((line) => JSON.parse(line)));
      else reject(new Error(`${scenario}: the run ended before its last seed`));
    });
  });
}
