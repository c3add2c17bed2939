import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const WATCH_URL = /(https?:\/\/[^/\s]+)\/watch\/([a-z2-7]{32})/;
const LIVE_WITHIN_MS = 30_000;
const POLL_MS = 200;

/** `livemesh serve` and an encoder that sends `clip`, a TS file, to it in real time. */
export async function startStream({ clip, serveOptions }) {
  const folder = await mkdtemp(join(tmpdir(), "livemesh-bench-"));
  const encoderPort = await freePort();
  const server = startNode("bin/livemesh.js", [
    ...["serve", "--port", "0", "--key", join(folder, "key.pem"), "--log-level", "warn"],
    ...["--title", "swarm benchmark", "--input", `tcp-listen://127.0.0.1:${encoderPort}`],
    ...serveOptions,
  ]);
  let encoder;
  const close = async () => {
    await encoder?.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [watchUrl, baseUrl, streamId] = await server.says(WATCH_URL);
    encoder = startNode("e2e/encoder.mjs", [`tcp://127.0.0.1:${encoderPort}`, "--clip", clip]);
    const stats = () => streamStats(baseUrl, streamId);
    await becomesLive(stats, server);
    return { watchUrl, stats, close, serverPid: server.pid, encoderPid: encoder.pid };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The stream's entry of `GET /api/stats`. */
async function streamStats(baseUrl, streamId) {
  const answer = await fetch(`${baseUrl}/api/stats`);
  const { streams } = await answer.json();
  const stream = streams.find(({ id }) => id === streamId);
  if (stream === undefined) throw new Error(`the stream is not in ${baseUrl}/api/stats`);
  return stream;
}

/** A few seconds of stream, so that the first viewer finds what later ones find. */
async function becomesLive(stats, server) {
  const endMs = Date.now() + LIVE_WITHIN_MS;
  while (Date.now() < endMs) {
    const { chunks } = await stats().catch(() => ({ chunks: 0 }));
    if (chunks >= 30) return;
    await wait(POLL_MS);
  }
  throw new Error(`the stream does not become live:\n${server.output()}`);
}

function startNode(script, args) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ended = new Promise((resolve) => child.once("close", resolve));
  const heard = new Set();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      // Enough to say what went wrong; a long run may say much.
      output = (output + text).slice(-20_000);
      for (const listener of heard) listener();
    });
  }
  return {
    pid: child.pid,
    output: () => output,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const listen = () => {
          const match = pattern.exec(output);
          if (match !== null) resolve(match);
        };
        heard.add(listen);
        ended.then(() => reject(new Error(`${script} ended:\n${output}`)));
        listen();
      }),
    stop: async () => {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(force);
    },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
