import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { IngestError } from "../ingest-error.ts";

/** Where the built-in clip is, seen from the sources as well as from `dist/`. */
export function clipPath(): string {
  const clip = path.join(packageRoot(), "ingest", "clip", "pattern.m2ts");
  if (existsSync(clip)) return clip;
  throw new IngestError("input-unreadable", `the built-in clip is missing: ${clip}`);
}

function packageRoot(): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (isPackageRoot(folder)) return folder;
    if (folder === path.dirname(folder)) {
      throw new IngestError("input-unreadable", `no livemesh package around ${start}`);
    }
  }
}

function isPackageRoot(folder: string): boolean {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return false;
  const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
  return (
    typeof manifest === "object" &&
    manifest !== null &&
    "name" in manifest &&
    manifest.name === "livemesh"
  );
}
