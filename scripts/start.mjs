// `npm start -- <options>`: build what is missing or older than its sources, then serve.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name) => join(root, "node_modules", name);

// Knows by itself what is up to date; a second when nothing changed.
run("TypeScript", [bin("typescript/bin/tsc"), "-b"]);
if (pagesAreOlder()) run("pages", [bin("vite/bin/vite.js"), "build", "--logLevel", "warn"]);

process.argv.splice(2, 0, "serve");
await import("../bin/livemesh.js");

function run(what, args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  process.stderr.write(`livemesh: building the ${what} failed, see above\n`);
  process.exit(status ?? 1);
}

function pagesAreOlder() {
  const built = join(root, "dist", "web", "index.html");
  if (!existsSync(built)) return existsSync(join(root, "vite.config.ts"));
  const builtAtMs = statSync(built).mtimeMs;
  const sources = ["web", "transport/src", "mesh/src", "media/src", "protocol/src"];
  return [...sources, "vite.config.ts"].some((path) => newestMs(join(root, path)) > builtAtMs);
}

function newestMs(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = readdirSync(path).map((name) => newestMs(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}
