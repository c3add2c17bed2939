import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HeadlessPeer, type PeerStats, SILENT_PEER_LOG } from "#node-peer";
import { startServer } from "./serve-command.ts";
import { singleStream } from "./testing/single-stream.ts";

const BIN = fileURLToPath(new URL("../../bin/livemesh.js", import.meta.url));
/** Some run what was built: `npm run check` builds first. */
const isBuilt = existsSync(new URL("../../dist/cli/main.js", import.meta.url));
const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

let folder: string;
let closing: (() => unknown)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-peer-"));
  closing = [];
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  await rm(folder, { recursive: true });
});

/** Tracker, ingest and origin. @returns The watch URL. */
async function serve(input: string, seederCopies?: number): Promise<string> {
  const server = await startServer({
    ...singleStream(folder, input, { seederCopies }),
    graceSec: 60,
  });
  closing.push(() => server.close());
  return `http://127.0.0.1:${server.port}/watch/${server.streams.reports[0]?.streamId}`;
}

async function joinSwarm(
  watchUrl: string,
  streaming?: { host: string; port: number },
  uploadBps = 10e6,
) {
  const peer = await HeadlessPeer.start({
    watchUrl,
    port: 0,
    ip: "127.0.0.1",
    uploadBps,
    latencyMs: 1000,
    isRelay: false,
    outputs: [],
    streaming,
    log: SILENT_PEER_LOG,
  });
  closing.push(() => peer.close());
  return peer;
}

function run(...args: string[]) {
  const child = spawn(process.execPath, [BIN, "peer", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  closing.push(() => child.kill("SIGKILL"));
  const output = { stderr: "", exit: once(child, "exit").then(([code]) => code as number | null) };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  return { child, output };
}

async function textOf(stream: ChildProcess["stdout"]): Promise<string> {
  let text = "";
  for await (const bytes of stream ?? []) text += bytes;
  return text;
}

/** What ffmpeg complains about while it plays a second. */
async function complaintsAbout(url: string): Promise<string> {
  const args = ["-v", "warning", "-i", url, "-t", "1", "-f", "null", "-"];
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "ignore", "pipe"] });
  closing.push(() => child.kill("SIGKILL"));
  const [complaints, [code]] = await Promise.all([textOf(child.stderr), once(child, "exit")]);
  return code === 0 ? complaints : `exit code ${code}: ${complaints}`;
}

describe("peers of a swarm", () => {
  it.skipIf(!hasFfmpeg)(
    `help each other, and players play what they give${hasFfmpeg ? "" : " (skipped: no ffmpeg)"}`,
    async () => {
      const watchUrl = await serve("test://pattern");
      const streaming = { host: "127.0.0.1", port: 0 };
      const peers = [await joinSwarm(watchUrl), await joinSwarm(watchUrl, streaming)];
      const port = peers[1]?.streamingPort;
      const urls = ["/stream.ts", "/stream.mp4"].map((path) => `http://127.0.0.1:${port}${path}`);
      const all = [...urls, `tcp://127.0.0.1:${port}`].map(complaintsAbout);
      expect(await Promise.all(all)).toEqual(["", "", ""]);
      const stats = peers.map((peer) => peer.stats);
      expect(stats.every(({ neighbors }) => neighbors === 2)).toBe(true);
      expect(stats.reduce((sum, { bytes }) => sum + bytes.fromPeers, 0)).toBeGreaterThan(0);
      expect(stats.reduce((sum, { blocks }) => sum + blocks.rejected, 0)).toBe(0);
    },
  );

  it("get every integer of test://integers, in order, from each other too", async () => {
    const watchUrl = await serve("test://integers");
    const peers = [await joinSwarm(watchUrl), await joinSwarm(watchUrl), await joinSwarm(watchUrl)];
    const integersOf = (peer: HeadlessPeer) => peer.stats.integers?.integers ?? 0;
    await vi.waitUntil(() => peers.every((peer) => integersOf(peer) >= 40_000), {
      timeout: 15_000,
    });
    for (const peer of peers) {
      expect(peer.stats.integers).toMatchObject({ gaps: 0, missing: 0, disorder: 0, wrong: 0 });
      expect(peer.isSuccess).toBe(true);
    }
    const fromPeers = peers.reduce((sum, { stats }) => sum + stats.bytes.fromPeers, 0);
    expect(fromPeers).toBeGreaterThan(40_000 * 4);
  });

  it("that cannot relay are all fed by a seeder with a copy for each", async () => {
    const watchUrl = await serve("test://integers", 3);
    const join = () => joinSwarm(watchUrl, undefined, 0);
    const peers = [await join(), await join(), await join()];
    const bytesOf = () => peers.map(({ stats }) => stats.bytes);
    const haveFromSeeder = (bytes: number) =>
      vi.waitUntil(() => bytesOf().every(({ fromSeeder }) => fromSeeder > bytes), {
        timeout: 15_000,
      });
    await haveFromSeeder(100_000);
    const fromOrigin = bytesOf().map((bytes) => bytes.fromOrigin);
    await haveFromSeeder(300_000);
    bytesOf().forEach((bytes, index) => {
      expect(bytes.fromOrigin - (fromOrigin[index] ?? 0)).toBeLessThan(50_000);
    });
  });

  // Two seconds of a run were judged as "nothing came": its playhead was not there yet.
  it("are judged by what came, however short the run was", async () => {
    const peer = await joinSwarm(await serve("test://integers"));
    await vi.waitUntil(() => peer.stats.chunks.delivered > 0, { timeout: 15_000, interval: 20 });
    expect(peer.isSuccess).toBe(false);
    peer.conclude();
    expect(peer.stats.integers).toMatchObject({ gaps: 0, missing: 0, disorder: 0, wrong: 0 });
    expect(peer.stats.integers?.chunks).toBeGreaterThan(0);
    expect(peer.isSuccess).toBe(true);
  });

  it("wait for a stream that is not there yet", async () => {
    const watchUrl = await serve("test://pattern");
    const other = `${watchUrl.slice(0, -8)}aaaaaaaa`;
    const peer = await joinSwarm(other);
    await vi.waitUntil(() => peer.stats.state === "waiting-for-stream", { timeout: 5000 });
    expect(peer.isSuccess).toBe(false);
  });
});

describe.skipIf(!isBuilt)("livemesh peer", () => {
  it("checks integers for a while, says what came and ends well", async () => {
    const watchUrl = await serve("test://integers");
    const { child, output } = run(watchUrl, "--ip", "127.0.0.1", "--duration", "3", "--json");
    const lines = (await textOf(child.stdout)).trim().split("\n");
    expect(await output.exit).toBe(0);
    const stats = lines.map((line) => JSON.parse(line) as PeerStats);
    expect(stats.length).toBeGreaterThanOrEqual(2);
    expect(stats.at(-1)).toMatchObject({ state: "running", integers: { gaps: 0, wrong: 0 } });
    expect(stats.at(-1)?.uptimeMs).toBeGreaterThanOrEqual(2990);
    expect(output.stderr).toMatch(/leaving: [1-9]\d* integers in \d+ chunks: 0 gaps/);
  });

  it("ends with 1 when nothing came in its time", async () => {
    const watchUrl = `${(await serve("test://pattern")).slice(0, -8)}aaaaaaaa`;
    const { output } = run(watchUrl, "--ip", "127.0.0.1", "--duration", "3");
    expect(await output.exit).toBe(1);
    expect(output.stderr).toMatch(/stream not known there yet/);
  });

  it("goes on while nobody reads its standard output, and leaves on a signal", async () => {
    const watchUrl = await serve("test://pattern");
    const { child, output } = run(watchUrl, "--output", "-", "--streaming-port", "0");
    await vi.waitUntil(() => output.stderr.includes("players can connect"), { timeout: 5000 });
    const port = /"port":(\d+)/.exec(output.stderr)?.[1];
    const reader = (await fetch(`http://127.0.0.1:${port}/stream.ts`)).body?.getReader();
    let receivedBytes = 0;
    // More than a pipe holds.
    while (receivedBytes < 330_000) receivedBytes += (await reader?.read())?.value?.length ?? 0;
    child.kill("SIGTERM");
    expect(await output.exit).toBe(0);
    expect(output.stderr).toMatch(/leaving/);
  });

  it.each([
    [["http://127.0.0.1/nothing"], "is no watch URL"],
    [[`http://a/watch/${"a".repeat(32)}`, "--json", "--output", "-"], "need standard output"],
    [[`http://a/watch/${"a".repeat(32)}`, "--ip", "192.0.2.1"], "is no address of this machine"],
  ])("ends with 2 and one line for %j", async (args, problem) => {
    const { output } = run(...args);
    expect(await output.exit).toBe(2);
    expect(output.stderr).toContain(problem);
    expect(output.stderr.trim().split("\n").length).toBe(1);
  });
});
