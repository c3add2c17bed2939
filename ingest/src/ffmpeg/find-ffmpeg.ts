import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { IngestError } from "../ingest-error.ts";

/** From here on, all options we use are there. */
const OLDEST = { major: 4, minor: 3 };
/** A cold start loads a hundred libraries. In ms. */
const VERSION_WITHIN_MS = 10_000;
const INSTALL =
  "install it (apt-get install ffmpeg, brew install ffmpeg or winget install ffmpeg) or name one with --ffmpeg PATH";

export type FindFfmpegOptions = {
  /** As given with `--ffmpeg`. Default: the first on PATH. */
  wanted?: string | undefined;
  /** What needs it, for the error. */
  input: string;
  /** What works without, for the error: forms of inputs, or a sentence's end. */
  otherForms: readonly string[] | string;
};

/** Paths that were asked for their version before, and are new enough. */
const checked = new Set<string>();

/**
 * The path of an ffmpeg that is new enough.
 * @throws {IngestError} `ffmpeg-missing` or `ffmpeg-too-old`, with what to do about it.
 */
export function findFfmpeg({ wanted, input, otherForms }: FindFfmpegOptions): string {
  const needs = `${input} needs ffmpeg ${OLDEST.major}.${OLDEST.minor} or newer`;
  const instead =
    typeof otherForms === "string" ? otherForms : `these inputs work: ${otherForms.join(", ")}`;
  const rest = `${INSTALL}; without it ${instead}`;
  const found = wanted === undefined ? findOnPath() : isProgram(wanted) ? wanted : undefined;
  if (found === undefined) {
    const where = wanted === undefined ? "there is none on PATH" : `${wanted} is no program`;
    throw new IngestError("ffmpeg-missing", `${needs}, and ${where}: ${rest}`);
  }
  if (checked.has(found)) return found;
  const version = askVersion(found);
  if (version === undefined) {
    throw new IngestError("ffmpeg-missing", `${needs}, and ${found} is no ffmpeg: ${rest}`);
  }
  if (isTooOld(version)) {
    throw new IngestError("ffmpeg-too-old", `${needs}, and ${found} is ${version}: ${rest}`);
  }
  checked.add(found);
  return found;
}

/** Builds from git (`N-109542-g…`, dates) count as new. @param version As ffmpeg prints it. */
export function isTooOld(version: string): boolean {
  const [, major, minor] = /^n?(\d{1,3})\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  const isSameMajor = Number(major) === OLDEST.major;
  return isSameMajor ? Number(minor) < OLDEST.minor : Number(major) < OLDEST.major;
}

function findOnPath(): string | undefined {
  const name = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function askVersion(file: string): string | undefined {
  const options = { encoding: "utf8", timeout: VERSION_WITHIN_MS, windowsHide: true } as const;
  const { stdout } = spawnSync(file, ["-version"], options);
  return /^ffmpeg version (\S+)/.exec(stdout ?? "")?.[1];
}
