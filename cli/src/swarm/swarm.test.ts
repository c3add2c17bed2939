import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { summarize } from "./summary.ts";
import { Swarm } from "./swarm.ts";
import type { SwarmFlags } from "./swarm-flags.ts";
import { SWARM_FLAGS } from "./testing/swarm-flags.ts";

const ROOT = new URL("../../../", import.meta.url);
const CLIP = new URL("ingest/clip/pattern.m2ts", ROOT);
const FAKE_PEER = fileURLToPath(new URL("testing/fake-peer.mjs", import.meta.url));
/** These run what was built: `npm run check` builds first. */
const isBuilt = existsSync(new URL("dist/cli/main.js", ROOT));

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-swarm-"));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

type Run = {
  peers: number;
  media?: string;
  flags?: Partial<SwarmFlags>;
  /** How fake peers behave; real ones without. */
  behaviour?: string;
};

async function run({ peers, media = "test://pattern", flags, behaviour }: Run) {
  const watcher = { tick: () => {}, say: (message: string) => said.push(message) };
  const options = { ...SWARM_FLAGS, logDir: folder, ...flags, peerCount: peers, media };
  const fake = [process.execPath, FAKE_PEER, behaviour ?? ""];
  const commands = behaviour === undefined ? undefined : { alone: fake, host: fake };
  return summarize(await new Swarm(options, watcher, commands).run(new AbortController().signal));
}

describe.skipIf(!isBuilt)("a swarm", { timeout: 120_000 }, () => {
  it("of six peers receives every byte of a file that was held until all were there", async () => {
    const media = join(folder, "media.ts");
    writeFileSync(media, readFileSync(CLIP).subarray(0, 188 * 500));
    const summary = await run({ peers: 6, media, flags: { hold: true, latency: 5000 } });
    expect(summary).toMatchObject({ end: "its media is over", problems: [] });
    expect(summary.source?.copy).toBeGreaterThan(50_000);
    for (const { receivedBytes } of summary.members)
      expect(receivedBytes).toBe(summary.source?.copy);
    await expect(fetch(summary.watchUrl)).rejects.toThrow();
  });

  it("goes on with others in the place of those that are killed, to the end of its time", async () => {
    writeFileSync(join(folder, "peer0.log"), "of yesterday\n");
    const flags = { killEvery: 300, duration: 1000 };
    const summary = await run({ peers: 3, behaviour: "good", flags });
    expect(summary).toMatchObject({ end: "its time is over", problems: [] });
    expect(summary.totals.kills).toBeGreaterThanOrEqual(2);
    expect(said).toContainEqual(expect.stringMatching(/^peer\d killed, another takes its place$/));
    expect(said).toContainEqual(expect.stringMatching(/^3 of 3 are up after/));
    const log = (name: string) => readFileSync(join(folder, `${name}.log`), "utf8");
    expect(log("tracker")).toContain("Tracker:");
    expect(log("ingest")).toContain("stopping");
    expect(log("peer0")).not.toContain("yesterday");
  });

  it.each([
    ["--seeder-upload", { seederUpload: -1 }],
    ["--seeder-copies", { seederCopies: 0 }],
  ])("says why its ingest ended, and ends: it has no use for this %s", async (option, flags) => {
    const summary = await run({ peers: 1, behaviour: "good", flags });
    expect(summary).toMatchObject({ end: "it broke", members: [] });
    expect(summary.problems[0]).toMatch(
      new RegExp(`^ingest ended with code 2: livemesh: .*${option}.*ingest.log$`),
    );
  });
});
