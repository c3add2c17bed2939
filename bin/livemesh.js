#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  process.stderr.write(`livemesh: not built yet; run "npm run build" in ${folder}\n`);
  process.exitCode = 2;
}
