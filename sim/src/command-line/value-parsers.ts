import { InvalidArgumentError } from "commander";
import { DEFAULT_MESH_OPTIONS } from "#mesh";

/** As many runs as anybody would wait for. */
const SEEDS_MAX = 1000;

export function parsePeers(text: string): number {
  return integerBetween(text, 1, 200_000);
}

export function parseSeed(text: string): number {
  return integerBetween(text, 0, 2 ** 31 - 1);
}

/** `a-b`, both included. */
export function parseSeeds(text: string): number[] {
  const [, first = "", last = ""] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const from = Number(first);
  const count = Number(last) - from + 1;
  if (first === "" || count < 1 || count > SEEDS_MAX) {
    throw new InvalidArgumentError(`seeds are a range as 1-5, of ${SEEDS_MAX} at most`);
  }
  return Array.from({ length: count }, (_, i) => from + i);
}

export function parseSeconds(text: string): number {
  return integerBetween(text, 5, 3600);
}

/** Below 1 the uplinks cannot carry the stream; the issue asks for 1.05 to 3. */
export function parseResourceIndex(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0.5 && value <= 10)) {
    throw new InvalidArgumentError("a number from 0.5 to 10 is needed");
  }
  return value;
}

/** `name=value` of an engine option, added to those given before. */
export function parseOption(
  text: string,
  before: Record<string, number> = {},
): Record<string, number> {
  const [name = "", value = ""] = text.split("=", 2);
  if (!Object.hasOwn(DEFAULT_MESH_OPTIONS, name)) {
    const known = Object.keys(DEFAULT_MESH_OPTIONS).join(", ");
    throw new InvalidArgumentError(`engine options are ${known}`);
  }
  if (value === "" || !Number.isFinite(Number(value))) {
    throw new InvalidArgumentError(`${name} needs a number, as ${name}=1`);
  }
  return { ...before, [name]: Number(value) };
}

function integerBetween(text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is needed`);
  }
  return value;
}
