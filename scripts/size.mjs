#!/usr/bin/env node
// What the player costs to download, against web/size-budget.json. Exit code 1 when it is over.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { playerSizes, sizeLine } from "./player-sizes.mjs";

const root = new URL("..", import.meta.url);
const built = fileURLToPath(new URL("dist/player/", root));
if (!existsSync(`${built}manifest.json`)) {
  process.stderr.write("npm run size: dist/player is missing; `npm run build` makes it\n");
  process.exit(2);
}
const budget = JSON.parse(readFileSync(new URL("web/size-budget.json", root), "utf8"));
const sizes = playerSizes(built, budget);
for (const size of sizes) process.stdout.write(`${sizeLine(size)}\n`);
process.exitCode = sizes.every(({ gzipBytes, maxGzipBytes }) => gzipBytes <= maxGzipBytes) ? 0 : 1;
