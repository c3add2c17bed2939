import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { playerSizes, sizeLine } from "./player-sizes.mjs";

const folder = mkdtempSync(join(tmpdir(), "livemesh-size-"));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest = {
  "src/index.ts": { file: "index.js", imports: ["_shared.js"], dynamicImports: ["src/late.ts"] },
  "src/late.ts": { file: "late.js", imports: ["_shared.js"] },
  "_shared.js": { file: "shared.js" },
};
writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
for (const name of ["index.js", "late.js", "shared.js"]) writeFileSync(join(folder, name), name);

function bytesOf(modules: string[], beyond: string[] = []): number {
  const [size] = playerSizes(folder, [{ what: "it", modules, beyond, maxGzipBytes: 1 }]);
  return size?.gzipBytes ?? 0;
}

it("counts what a module imports, but not what it loads later, and shared files once", () => {
  const file = bytesOf(["_shared.js"]);
  expect(bytesOf(["src/index.ts"])).toBeGreaterThan(file);
  expect(bytesOf(["src/index.ts", "src/late.ts"])).toBe(
    bytesOf(["src/index.ts"]) + bytesOf(["src/late.ts"]) - file,
  );
});

it("does not count again what was loaded before", () => {
  expect(bytesOf(["src/late.ts"], ["src/index.ts"])).toBe(
    bytesOf(["src/late.ts"]) - bytesOf(["_shared.js"]),
  );
});

it("refuses a budget for what is not in the build", () => {
  expect(() => bytesOf(["src/gone.ts"])).toThrow("src/gone.ts");
});

it("says what is too large", () => {
  const size = { what: "the player", gzipBytes: 80_001, maxGzipBytes: 80_000 };
  expect(sizeLine(size)).toContain("TOO LARGE");
  expect(sizeLine({ ...size, gzipBytes: 80_000 })).toMatch(/^ {2}80\.0 of 80\.0 kB gzip {2}ok/);
});
