import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commandPath } from "../package-paths.ts";
import { checkPorts } from "./port-plan.ts";
import type { SwarmSummary } from "./summary.ts";

const isBuilt = existsSync(new URL("../../../dist/cli/main.js", import.meta.url));

let folder: string;
let launcher: ChildProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-launcher-"));
});
afterEach(() => {
  launcher.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function launch(...args: readonly string[]) {
  const ports = ["--tracker-port", "0", "--start-streaming-port", "0", "--log-dir", folder];
  launcher = spawn(process.execPath, [commandPath(), "swarm", ...args, ...ports]);
  const output = { stdout: "", stderr: "" };
  launcher.stdout?.on("data", (text) => {
    output.stdout += text;
  });
  launcher.stderr?.on("data", (text) => {
    output.stderr += text;
  });
  const exit = once(launcher, "close").then(([code, signal]) => code ?? signal);
  const says = async (pattern: RegExp) => {
    const all = () => output.stdout + output.stderr;
    await vi.waitUntil(() => pattern.test(all()), { timeout: 45_000 });
    return pattern.exec(all())?.[0] ?? "";
  };
  return { output, exit, says };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

/**
 * Chunks that a peer of integers may leave out: its check begins behind the holes of its first moments, as
 * a player would. Two seconds: while eight processes start, a busy machine has no time for any of them.
 */
const LEFT_OUT_MAX = 10;

/** Nothing of a swarm with one peer on that port is left. */
async function isGone(trackerUrl: string, startPeerPort: number): Promise<boolean> {
  const isTrackerGone = await fetch(trackerUrl).then(
    () => false,
    () => true,
  );
  const others = { trackerPort: 0, mediaServerPort: undefined, startStreamingPort: 0 };
  const arePortsFree = await checkPorts({ peerCount: 1, startPeerPort, ...others }).then(
    () => true,
    () => false,
  );
  return isTrackerGone && arePortsFree;
}

/** Each starts a handful of processes, which takes its time on a busy machine. */
const TIMEOUT_MS = 120_000;

describe.skipIf(!isBuilt)("livemesh swarm", { timeout: TIMEOUT_MS }, () => {
  it("stops everything on Ctrl-C and sums up, as JSON when asked to", async () => {
    const port = await freeUdpPort();
    const swarm = ["1", "test://pattern", "--start-peer-port", `${port}`, "--json"];
    const { output, exit, says } = launch(...swarm);
    const trackerUrl = (await says(/http:\S+(?=\/watch)/)).trim();
    await says(/1 of 1 are up/);
    expect(await isGone(trackerUrl, port)).toBe(false);
    launcher.kill("SIGINT");
    expect(await exit).toBe(0);
    const summary = JSON.parse(output.stdout) as SwarmSummary;
    expect(summary).toMatchObject({ end: "stopped", problems: [], members: [{ name: "peer0" }] });
    expect(await isGone(trackerUrl, port)).toBe(true);
  });

  it("brings six peers every integer, in order, mostly from each other", async () => {
    const { output, exit } = launch(
      ...["6", "test://integers", "--start-peer-port", "0", "--duration", "8s"],
      ...["--latency", "4000", "--json"],
    );
    const exitCode = await exit;
    const { problems, members, offload } = JSON.parse(output.stdout) as SwarmSummary;
    expect(problems).toEqual([]);
    expect(members.map(({ gaps }) => gaps)).toEqual([0, 0, 0, 0, 0, 0]);
    for (const { leftOutAtStart } of members) {
      expect(leftOutAtStart).toBeLessThanOrEqual(LEFT_OUT_MAX);
    }
    expect(offload).toBeGreaterThan(0.5);
    expect(exitCode).toBe(0);
  });

  it("links those whom the topology links, and nobody else", async () => {
    const topology = join(folder, "chain.json");
    const chain = { seeder: ["peer0"], peer0: ["peer1"], peer1: ["peer2"] };
    writeFileSync(topology, JSON.stringify({ links: chain }));
    const { output, exit } = launch(
      ...["3", "test://integers", "--start-peer-port", "0", "--topology", topology],
      ...["--duration", "6s", "--latency", "3000", "--json"],
    );
    await exit;
    const { members } = JSON.parse(output.stdout) as SwarmSummary;
    const [first, ...others] = members;
    expect(first).toMatchObject({ fromPeers: 0 });
    expect(first?.fromSeeder).toBeGreaterThan(0);
    for (const { fromPeers, fromSeeder } of others) {
      expect(fromSeeder).toBe(0);
      expect(fromPeers).toBeGreaterThan(0);
    }
  });

  it("runs several peers in a process, each with its log, and leaves nothing of them behind", async () => {
    const port = await freeUdpPort();
    const { output, exit, says } = launch(
      ...["5", "test://integers", "--rate", "20", "--peers-per-process", "3", "--json"],
      ...["--start-peer-port", `${port}`, "--latency", "4000", "--interval", "0"],
    );
    const trackerUrl = (await says(/http:\S+(?=\/watch)/)).trim();
    await says(/5 of 5 are up/);
    expect(await isGone(trackerUrl, port)).toBe(false);
    launcher.kill("SIGINT");
    await exit;
    const { members } = JSON.parse(output.stdout) as SwarmSummary;
    expect(members.map(({ name, state }) => `${name} ${state}`)).toEqual(
      [0, 1, 2, 3, 4].map((index) => `peer${index} stopped`),
    );
    const logs = readdirSync(folder).filter((file) => /^(peer|process)/.test(file));
    expect(logs.sort().join(" ")).toBe(
      "peer0.log peer1.log peer2.log peer3.log peer4.log process0.log process1.log",
    );
    for (const log of logs.filter((name) => name.startsWith("peer"))) {
      expect(readFileSync(join(folder, log), "utf8")).toMatch(/leaving: \d+ integers/);
    }
    expect(await isGone(trackerUrl, port)).toBe(true);
  });

  it("leaves nothing behind when it is killed", async () => {
    const port = await freeUdpPort();
    const { says } = launch("1", "test://pattern", "--start-peer-port", `${port}`);
    const trackerUrl = await says(/http:\S+(?=\/watch)/);
    await says(/1 of 1 are up/);
    launcher.kill("SIGKILL");
    await vi.waitUntil(() => isGone(trackerUrl, port), { timeout: 30_000 });
  });

  it("says in one line what was asked wrongly", async () => {
    const { output, exit } = launch("2", "nothing.ts");
    expect(await exit).toBe(2);
    expect(output).toEqual({ stdout: "", stderr: "livemesh: there is no media file nothing.ts\n" });
  });
});
