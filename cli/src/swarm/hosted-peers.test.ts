import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Children } from "./children.ts";
import { type HostedPeer, HostedPeers } from "./hosted-peers.ts";

const FAKE_HOST = fileURLToPath(new URL("testing/fake-host.mjs", import.meta.url));

let folder: string;
let children: Children;
let host: HostedPeers;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-hosted-"));
  children = new Children();
  host = new HostedPeers({
    name: "process0",
    command: [process.execPath, FAKE_HOST],
    logFile: join(folder, "process0.log"),
    children,
    isMediaOver: () => false,
  });
});
afterEach(async () => {
  await children.close();
  rmSync(folder, { recursive: true });
});

function start(name: string): HostedPeer {
  return host.start(name, ["7"], join(folder, `${name}.log`));
}

async function becomes(peer: HostedPeer, state: string) {
  await vi.waitUntil(() => peer.member.state === state, { timeout: 10_000 });
  return peer.member;
}

describe("peers that share a process", () => {
  it("tell what they have one by one, and stop together", async () => {
    const peers = [start("peer0"), start("peer1")];
    expect(peers.map(({ member }) => member.state)).toEqual(["starting", "starting"]);
    for (const [index, peer] of peers.entries()) {
      expect(await becomes(peer, "running")).toMatchObject({
        name: `peer${index}`,
        figures: { fromPeers: 300, fromSeeder: 100, uploaded: 50, gaps: 0 },
        neighbors: 3,
        latency: { now: 400 },
        problem: undefined,
      });
    }
    await peers[0]?.stop();
    for (const { member } of peers) {
      expect(member).toMatchObject({ state: "stopped", neighbors: 0, problem: undefined });
    }
  });

  it("go on without one that could not be started", async () => {
    const [bad, good] = [start("bad"), start("peer1")];
    const { problem } = await becomes(bad, "died");
    expect(problem).toBe(`bad did not start: no such port: 7; see ${join(folder, "bad.log")}`);
    await becomes(good, "running");
    expect([bad.isRunning, good.isRunning]).toEqual([false, true]);
  });

  it("die together, with their process's last words", async () => {
    const peer = start("peer0");
    const fatal = start("fatal");
    const late = await becomes(fatal, "died").then(() => start("peer2"));
    const words = `process0 ended with code 3: no more room; see ${join(folder, "process0.log")}`;
    for (const { member } of [peer, fatal, late]) expect(member.problem).toBe(words);
  });
});
