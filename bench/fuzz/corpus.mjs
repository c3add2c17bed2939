import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const fileOf = (name) => fileURLToPath(new URL(`corpus/${name}.txt`, import.meta.url));

/** Inputs that once ran something new, one a line in base64, shortest first. */
export function readCorpus(name) {
  const file = fileOf(name);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => Buffer.from(line, "base64"));
}

export function writeCorpus(name, inputs) {
  const sorted = inputs.toSorted((a, b) => a.length - b.length || Buffer.compare(a, b));
  const lines = new Set(sorted.map((input) => Buffer.from(input).toString("base64")));
  writeFileSync(fileOf(name), [...lines, ""].join("\n"));
}
