import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CACHE = join(ROOT, "bench/.cache");
const CLIP = join(CACHE, "swarm-640x360-1mbit.ts");
const BUILT_IN_CLIP = join(ROOT, "ingest/clip/pattern.m2ts");

/**
 * A live stream to watch: an encoder in a process of its own sends a clip over TCP to
 * `livemesh serve`.
 */
export async function startSource({ serveOptions }) {
  const clip = swarmClip();
  const folder = mkdtempSync(join(tmpdir(), "livemesh-bench-"));
  const port = await freePort();
  const input = ["--input", `tcp-listen://127.0.0.1:${port}`, "--title", "bench"];
  const common = ["--port", "0", "--key", join(folder, "key.pem"), "--log-level", "warn"];
  const server = start("bin/livemesh.js", ["serve", ...common, ...input, ...serveOptions]);
  const encoder = start("e2e/encoder.mjs", [`tcp://127.0.0.1:${port}`, "--clip", clip]);
  const [watchUrl, baseUrl, streamId] = await says(
    server,
    /(https?:\/\/[^/\s]+)\/watch\/([a-z2-7]{32})/,
  );
  await isLive(baseUrl, streamId);
  return {
    watchUrl,
    clipName: clip === CLIP ? "640×360, 25 fps, 1 s GOP, 1 Mbit/s" : "the built-in clip",
    serverPids: () => [server.pid],
    encoderPids: () => [encoder.pid],
    /** Of `GET /api/stats`, with the time they were read. */
    async counters() {
      const { streams } = await getJson(`${baseUrl}/api/stats`);
      const { bytes, chunks, blocks } = streams.find(({ id }) => id === streamId);
      return { ...bytes, chunks, blocks };
    },
    async close() {
      await Promise.all([stop(encoder), stop(server)]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** The clip the numbers are for: made once by ffmpeg; without it the built-in one has to do. */
function swarmClip() {
  if (existsSync(CLIP)) return CLIP;
  mkdirSync(CACHE, { recursive: true });
  const partial = `${CLIP}.partial`;
  const picture = "testsrc2=size=640x360:rate=25,noise=alls=12:allf=t";
  const command = [
    ...["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture],
    ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
    ...["-t", "30", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"],
    ...["-pix_fmt", "yuv420p", "-profile:v", "main", "-bf", "0", "-threads", "1"],
    ...["-g", "25", "-keyint_min", "25", "-sc_threshold", "0"],
    ...["-b:v", "880k", "-maxrate", "880k", "-bufsize", "440k"],
    ...["-c:a", "aac", "-b:a", "96k", "-ac", "2"],
    // One audio frame a packet and no head start: nothing waits in the multiplexer.
    ...["-f", "mpegts", "-pes_payload_size", "0", "-muxdelay", "0", "-muxpreload", "0", partial],
  ];
  try {
    execFileSync("ffmpeg", command, { stdio: ["ignore", "ignore", "inherit"] });
  } catch (error) {
    const why = error.code === "ENOENT" ? "ffmpeg is not installed" : "ffmpeg could not make it";
    console.error(`bench:swarm: ${why}, so the stream is the built-in clip, not 1 Mbit/s`);
    return BUILT_IN_CLIP;
  }
  renameSync(partial, CLIP);
  return CLIP;
}

function start(script, args) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.setEncoding("utf8");
  return child;
}

/** The first match in what a child says. */
function says(child, pattern) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (more) => {
      text += more;
      const match = pattern.exec(text);
      if (match !== null) resolve(match);
    });
    child.once("exit", (code) => reject(new Error(`the server ended (${code}):\n${text}`)));
  });
}

async function isLive(baseUrl, streamId) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const streams = await getJson(`${baseUrl}/api/streams`);
    if (streams.some(({ id, live }) => id === streamId && live)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the stream did not become live within 20 s");
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.removeAllListeners("exit");
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(force);
}

async function getJson(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status}`);
  return response.json();
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
