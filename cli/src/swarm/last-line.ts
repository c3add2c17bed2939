import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** More than any line of ours, in bytes. */
const TAIL_BYTES = 4096;

/** The last line of a log, for people: of a JSON line its message. Empty if there is none. */
export function lastLine(logFile: string): string {
  const line = tail(logFile).trimEnd().split("\n").at(-1) ?? "";
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown };
    return typeof msg === "string" ? msg : line;
  } catch {
    return line;
  }
}

function tail(file: string): string {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(TAIL_BYTES);
    const from = Math.max(0, fstatSync(descriptor).size - TAIL_BYTES);
    return bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, TAIL_BYTES, from));
  } finally {
    closeSync(descriptor);
  }
}
