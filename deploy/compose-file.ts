import { readFileSync } from "node:fs";
import { parse } from "yaml";

export const ROOT = new URL("../", import.meta.url);
export const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");

export type ComposeService = {
  image: string;
  command?: string[];
  volumes?: string[];
  secrets?: string[];
  networks?: string[];
  depends_on?: string[] | Record<string, unknown>;
};
export type ComposeFile = {
  services: Record<string, ComposeService>;
  secrets: Record<string, { file: string }>;
  networks: Record<string, unknown>;
  volumes: Record<string, unknown>;
};

/** With anchors and merges resolved, as `docker compose config` shows it. */
export function composeFile(): ComposeFile {
  return parse(read("compose.yaml"), { merge: true }) as ComposeFile;
}
