import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Mutator, seededRandom } from "./mutator.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const targets = readdirSync(new URL("corpus/", import.meta.url)).map((file) => file.slice(0, -4));

/** The command as people run it: coverage needs a process where nothing is compiled yet. */
function fuzz(...args: string[]) {
  return spawnSync(process.execPath, ["bench/fuzz.mjs", ...args], { cwd: root, encoding: "utf8" });
}

describe("whatever a stranger writes", () => {
  it("does no harm: what was kept of earlier runs, and some more", { timeout: 120_000 }, () => {
    const { status, stdout, stderr } = fuzz("--seconds", "0.2", "--seed", "1");
    expect(stderr).toBe("");
    expect(status).toBe(0);
    for (const name of targets) expect(stdout).toMatch(new RegExp(`^${name}: \\d+ inputs`, "m"));
  });

  it("that is a known input can be looked at alone, and a target that is none is named", () => {
    expect(fuzz("block", "--input", "AAAA").status).toBe(0);
    const { status, stderr } = fuzz("nothing");
    expect(status).toBe(2);
    expect(stderr).toContain("there is no target nothing");
  });
});

describe("the mutator", () => {
  const made = (seed: number) => {
    const mutator = new Mutator(seededRandom(seed), { bytesMax: 100 });
    const input = Buffer.from("a known input");
    return Array.from({ length: 200 }, () => mutator.mutated(input, [input]).toString("hex"));
  };

  it("makes the same inputs of the same seed, and others of another", () => {
    expect(made(1)).toEqual(made(1));
    expect(made(1)).not.toEqual(made(2));
  });

  it("makes many different ones, none longer than the target takes", () => {
    expect(new Set(made(3)).size).toBeGreaterThan(150);
    for (const hex of made(3)) expect(hex.length).toBeLessThanOrEqual(200);
  });
});
