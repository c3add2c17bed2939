import { type Logger, pino } from "pino";
import type { LogLevel } from "./value-parsers.ts";

export type { Logger } from "pino";

export type StartupLog = {
  readonly log: Logger;
  /** The start has succeeded: show what was said so far, and from now on everything at once. */
  release(): void;
};

/**
 * Where the servers report what they do: one line per lifecycle change, on standard error. For
 * people on a terminal, as JSON for everything else. Nothing is shown before {@link release}, so
 * that a start that fails says one line: why.
 */
export function createLog(
  level: LogLevel,
  output: Pick<NodeJS.WriteStream, "isTTY" | "write"> = process.stderr,
): StartupLog {
  let held: string[] | undefined = [];
  const write = (line: string) => {
    const text = output.isTTY ? forPeople(line) : line;
    if (held === undefined) output.write(text);
    else held.push(text);
  };
  return {
    log: pino({ level, base: null }, { write }),
    release() {
      const lines = held ?? [];
      held = undefined;
      for (const line of lines) output.write(line);
    },
  };
}

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  20: "debug",
  30: "info ",
  40: "warn ",
  50: "error",
  60: "fatal",
};

/** One of pino's JSON lines as `12:34:56 info  message  key=value`. */
export function forPeople(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const details = Object.entries(fields).map(([key, value]) => `${key}=${forReading(value)}`);
  const name = LEVEL_NAMES[Number(level)] ?? String(level);
  return `${[`${clock} ${name} ${String(msg ?? "")}`, ...details].join("  ")}\n`;
}

function forReading(value: unknown): string {
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (value !== null && typeof value === "object" && "stack" in value) return String(value.stack);
  return JSON.stringify(value);
}
