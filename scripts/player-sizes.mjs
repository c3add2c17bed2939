import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/**
 * Size of each entry of a budget, as a server with gzip sends it.
 * @param {string} built Folder with the build and its `manifest.json`.
 * @param {{ what: string, modules?: string[], beyond?: string[], file?: string, maxGzipBytes: number }[]} budget
 * Entries name modules, whose whole closure of static imports counts once, without what those of
 * `beyond` have loaded before; or one file.
 * @throws {Error} When the build lacks what the budget names: then nothing would be checked.
 */
export function playerSizes(built, budget) {
  const manifest = JSON.parse(readFileSync(join(built, "manifest.json"), "utf8"));
  return budget.map(({ what, modules = [], beyond = [], file, maxGzipBytes }) => {
    const loaded = new Set(filesOf(manifest, beyond));
    const wanted = file === undefined ? filesOf(manifest, modules) : [file];
    const files = wanted.filter((name) => !loaded.has(name));
    const gzipBytes = files.reduce((sum, name) => sum + gzipSize(join(built, name)), 0);
    return { what, gzipBytes, maxGzipBytes };
  });
}

/** One line, in units of 1000 bytes. */
export function sizeLine({ what, gzipBytes, maxGzipBytes }) {
  const verdict = gzipBytes <= maxGzipBytes ? "ok" : "TOO LARGE";
  return `${kB(gzipBytes).padStart(6)} of ${kB(maxGzipBytes)} kB gzip  ${verdict.padEnd(9)}  ${what}`;
}

function filesOf(manifest, modules) {
  const names = new Set();
  const add = (key) => {
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`the build has no ${key}; size-budget.json names it`);
    if (names.has(chunk.file)) return;
    names.add(chunk.file);
    for (const imported of chunk.imports ?? []) add(imported);
  };
  for (const key of modules) add(key);
  return [...names];
}

function gzipSize(path) {
  return gzipSync(readFileSync(path), { level: 9 }).length;
}

function kB(bytes) {
  return (bytes / 1000).toFixed(1);
}
