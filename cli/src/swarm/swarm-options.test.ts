import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { checkSwarm } from "./swarm-options.ts";
import { SWARM_FLAGS } from "./testing/swarm-flags.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-swarm-"));
  writeFileSync(join(folder, "empty.ts"), "");
  writeFileSync(join(folder, "media.ts"), "x");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("what a swarm is asked for", () => {
  it("is taken where it fits", () => {
    const media = join(folder, "media.ts");
    const logDir = join(folder, "logs");
    const flags = { ...SWARM_FLAGS, logDir, rate: 100, loop: true };
    expect(checkSwarm(3, media, flags)).toMatchObject({ peerCount: 3, media, rate: 100 });
    const other = { ...SWARM_FLAGS, logDir };
    expect(checkSwarm(3, "test://integers", other)).toMatchObject({ peerCount: 3 });
    expect(checkSwarm(0, "test://pattern", { ...other, browsers: 1 })).toBeDefined();
  });

  it.each([
    ["missing.ts", {}, "there is no media file"],
    ["empty.ts", {}, "is empty"],
    [".", {}, "is no file"],
    ["http://a/b.ts", {}, "a swarm takes a media file or test://integers or test://pattern, not"],
    ["test://cats", {}, "a swarm takes a media file or"],
    ["test://pattern", { rate: 5 }, "--rate is for a media file, not for test://pattern"],
    ["test://integers", { loop: true }, "--loop is for a media file"],
    ["test://integers", { hold: true }, "--hold is for a media file"],
    ["test://integers", { rate: 9 }, "--rate of test://integers is 10 to 9999 KB/s, not 9"],
    ["test://integers", { killEvery: 1000, peersPerProcess: 4 }, "give --peers-per-process 1"],
    ["test://integers", { browsers: 1 }, "leave --browsers out"],
  ])("is refused in one line: %s %j", (media, flags, problem) => {
    const path = media.includes("://") ? media : join(folder, media);
    const check = () => checkSwarm(3, path, { ...SWARM_FLAGS, ...flags });
    expect(check).toThrow(UsageError);
    expect(check).toThrow(problem);
  });

  it("logs where it may", () => {
    const flags = { ...SWARM_FLAGS, logDir: join(folder, "media.ts", "logs") };
    expect(() => checkSwarm(1, "test://pattern", flags)).toThrow("--log-dir takes another folder");
  });

  it("has somebody in it", () => {
    expect(() => checkSwarm(0, "test://pattern", SWARM_FLAGS)).toThrow("needs --browsers");
  });
});
