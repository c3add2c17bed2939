import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const page = readFileSync(new URL("docs/security.md", root), "utf8");
const table = page.split("<!-- attacks -->")[1]?.split("\n\n")[0] ?? "";
const rows = [...table.matchAll(/^\| (?!Attack|---)([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)].map(
  ([, attack = "", cell = ""]) => {
    const [, file = "", name = ""] = /^`([^`]+)`(?: "([^"]+)")?/.exec(cell) ?? [];
    return { attack, file, name };
  },
);

describe("the table of attacks", () => {
  it("is read", () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  it.each(rows)("names a test that is there: $attack", ({ file, name }) => {
    expect(file).not.toBe("");
    expect(existsSync(new URL(file, root)), file).toBe(true);
    expect(readFileSync(new URL(file, root), "utf8")).toContain(name);
  });
});

it("every production dependency has a licence that allows what we do", () => {
  const script = fileURLToPath(new URL("scripts/licenses.mjs", root));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^socket\.io [\d.]+: MIT$/m);
  expect(status).toBe(0);
});
