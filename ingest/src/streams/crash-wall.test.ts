import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** In a process of its own: the test runner listens for what nobody caught, too. */
const built = new URL("../../../dist/ingest/streams/crash-wall.js", import.meta.url);
const isBuilt = existsSync(built);

function run(script: string) {
  const prelude = `
    import { behindWall } from ${JSON.stringify(built.href)};
    const build = (name, run) => behindWall((error) => console.log(name, error.message), run);
  `;
  const args = ["--input-type=module", "--eval", prelude + script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { status, lines: stdout.trim().split("\n").sort(), stderr };
}

describe.skipIf(!isBuilt)("a wall around what may crash (npm run build first)", () => {
  it("is told what is thrown behind it, in timers and in promises nobody waits for", () => {
    const { status, lines } = run(`
      build("a", () => {
        Promise.reject(new Error("rejected"));
        (async () => { await 1; throw new Error("async"); })();
      });
      build("b", () => setImmediate(() => { throw new Error("callback"); }));
    `);
    expect(lines).toEqual(["a async", "a rejected", "b callback"]);
    expect(status).toBe(0);
  });

  it("does not keep a process going that fails outside of it", () => {
    const { status, stderr } = run(`
      build("a", () => {});
      setTimeout(() => { throw new Error("outside"); });
    `);
    expect(status).toBe(1);
    expect(stderr).toContain("Error: outside");
  });
});
