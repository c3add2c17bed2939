import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Children } from "./children.ts";
import { PeerSlot } from "./peer-slot.ts";

const FAKE_PEER = fileURLToPath(new URL("testing/fake-peer.mjs", import.meta.url));

let folder: string;
let children: Children;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-slot-"));
  children = new Children();
});
afterEach(async () => {
  await children.close();
  rmSync(folder, { recursive: true });
});

function slotWith(behaviour: string, program = process.execPath, isMediaOver = false): PeerSlot {
  const command = [program, FAKE_PEER, behaviour];
  const logFile = join(folder, "peer0.log");
  const options = { name: "peer0", command, logFile, children, isMediaOver: () => isMediaOver };
  const slot = new PeerSlot(options);
  slot.start();
  return slot;
}

async function reportOf(slot: PeerSlot) {
  await vi.waitUntil(() => slot.member.state !== "starting", { timeout: 10_000 });
  return slot.member;
}

describe("a peer of a swarm", () => {
  it("tells what it has, whatever else it says", async () => {
    const slot = slotWith("good");
    expect(slot.member.state).toBe("starting");
    expect(await reportOf(slot)).toEqual({
      name: "peer0",
      state: "running",
      figures: {
        fromPeers: 300,
        fromSeeder: 100,
        fromOrigin: 0,
        uploaded: 50,
        gaps: 0,
        leftOutAtStart: 0,
      },
      neighbors: 3,
      latency: { now: 400, mean: 400, max: 400 },
      kills: 0,
      problem: undefined,
    });
    await slot.stop();
    expect(slot.member).toMatchObject({ state: "stopped", neighbors: 0, problem: undefined });
  });

  it("has no latency once nothing new is sent", async () => {
    const slot = slotWith("good", process.execPath, true);
    expect((await reportOf(slot)).latency.max).toBeUndefined();
  });

  it("has gaps", async () => {
    expect((await reportOf(slotWith("gaps"))).figures.gaps).toBe(2);
  });

  it("dies with its last words", async () => {
    const slot = slotWith("dying");
    await vi.waitUntil(() => slot.member.state === "died", { timeout: 10_000 });
    const log = join(folder, "peer0.log");
    expect(slot.member.problem).toBe(`peer0 ended with code 3: no more room; see ${log}`);
    expect(readFileSync(log, "utf8")).toContain("no more room");
  });

  it("cannot be started at all", async () => {
    const slot = slotWith("good", join(folder, "no-such-program"));
    await vi.waitUntil(() => slot.member.state === "died");
    expect(slot.member.problem).toContain("peer0 ended with code 127");
  });

  it("ends with 1 when what it checked was wrong", async () => {
    const slot = slotWith("disordered");
    await reportOf(slot);
    await slot.stop();
    expect(slot.member).toMatchObject({
      state: "died",
      problem: expect.stringContaining("peer0 ended with code 1"),
    });
  });

  it("is replaced by another, and what it received still counts", async () => {
    const slot = slotWith("good");
    await reportOf(slot);
    await slot.replace();
    expect(slot.member).toMatchObject({ kills: 1, state: "starting", problem: undefined });
    await reportOf(slot);
    expect(slot.member.figures.fromPeers).toBe(600);
  });

  it("is not replaced when the swarm is over", async () => {
    const slot = slotWith("good");
    await reportOf(slot);
    await slot.stop();
    await slot.replace();
    expect(slot.isRunning).toBe(false);
  });
});
