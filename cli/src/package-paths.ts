import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The package's own folder, from `dist/cli` as well as from `cli/src`. */
const ROOT = new URL("../../", import.meta.url);

/** Where the built pages are. */
export function pagesDirectory(): string {
  return fileURLToPath(new URL("dist/web", ROOT));
}

/** What starts another `livemesh`. */
export function commandPath(): string {
  return fileURLToPath(new URL("bin/livemesh.js", ROOT));
}

/** What runs several peers of a swarm in one process. */
export function peerHostPath(): string {
  return fileURLToPath(new URL("dist/cli/swarm/peer-host.js", ROOT));
}

export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}
