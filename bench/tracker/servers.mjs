// The processes that are measured: trackers and Redis, as an operator runs them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { RedisServer } from "../../dist/signaling/testing/redis-server.js";

const BIN = fileURLToPath(new URL("../../bin/livemesh.js", import.meta.url));

/** @returns {Promise<{ url: string, pid: number, stop(): Promise<void> }>} */
export async function startTracker(args = []) {
  const child = spawn(
    process.execPath,
    [BIN, "tracker", "--port", "0", "--log-level", "error", ...args],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  for await (const part of child.stdout.setEncoding("utf8")) {
    said += part;
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
    if (url === undefined) continue;
    const stop = async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    return { url, pid: child.pid, stop };
  }
  throw new Error(`the tracker did not start: ${said}`);
}

export const startRedis = () => RedisServer.start();
