import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createProgram } from "../cli/src/program.ts";
import { parseStream, STREAM_FIELDS } from "../ingest/src/streams/streams-file.ts";
import { createProgram as createSimProgram } from "../sim/src/command-line/program.ts";
import { scenarioNames } from "../sim/src/command-line/scenario-files.ts";

const root = new URL("../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "ARCHITECTURE.md",
  "docs/access.md",
  "docs/control.md",
  "docs/metrics.md",
  "docs/scaling.md",
  "docs/security.md",
  "SECURITY.md",
  "docs/node-peer.md",
  "docs/swarm.md",
  "docs/sources.md",
  "docs/streams.md",
  "docs/tuning.md",
  "docs/design/simulator.md",
  "docs/embedding.md",
  "docs/renditions.md",
  "examples/web/README.md",
];

const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;
const nothing = async () => {};
const program = createProgram({
  serve: nothing,
  tracker: nothing,
  ingest: nothing,
  peer: nothing,
  swarm: nothing,
  token: nothing,
});

function optionsOf(command: string) {
  return program.commands.find((candidate) => candidate.name() === command)?.options ?? [];
}

/** Commands in fenced `sh` blocks and in `code`, one a string. */
function commandsIn(page: string): string[] {
  const fenced = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block.split(/\n|&&|\|(?!\|)/),
  );
  const inline = [...page.matchAll(/`((?:npm|npx|livemesh|node) [^`]+)`/g)].flatMap(
    ([, code = ""]) => code.split("&&"),
  );
  return [...fenced, ...inline].map((command) => command.trim()).filter(Boolean);
}

const COMMANDS = PAGES.flatMap((page) => commandsIn(read(page)).map((line) => ({ page, line })));

describe("commands in the docs", () => {
  it("are found at all", () => {
    expect(COMMANDS.map(({ line }) => line)).toContain("npm ci");
    expect(COMMANDS.filter(({ line }) => line.startsWith("npm start"))).not.toHaveLength(0);
  });

  it.each(COMMANDS)("exist: $line ($page)", ({ line }) => {
    const [tool, ...words] = line.split(/\s+/);
    if (tool === "npm") expectNpmCommand(words);
    if (tool === "npx" && words[0] === "livemesh") expectLivemeshCommand(words.slice(1));
    if (tool === "livemesh") expectLivemeshCommand(words);
    if (tool === "node") expect(existsSync(new URL(words[0] ?? "", root)), line).toBe(true);
  });
});

describe("the simulator's page", () => {
  const page = read("docs/design/simulator.md");
  const table = page.split("## What is modelled")[0] ?? "";

  it("has each option of the command line, and no other", () => {
    const named = [...table.matchAll(/^\| (`--.*?`) +\|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/--[\w-]+/g)].map(([name]) => name),
    );
    const known = createSimProgram(() => {}).options.map(({ long }) => long);
    expect(named.sort()).toEqual(known.sort());
  });

  it("has each scenario, and no other", () => {
    const section = page.split("## Scenarios")[1]?.split("\n## ")[0] ?? "";
    const named = [...section.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/[\w-]+/g)].map(([name]) => name),
    );
    expect(named.sort()).toEqual(scenarioNames());
  });
});

describe("the README's table of options", () => {
  const table = read("README.md").split("## Options of `livemesh serve`")[1]?.split("\n## ")[0];
  const rows = new Map(
    [...(table ?? "").matchAll(/^\| `(--[\w-]+)` +\| (.+?) +\| /gm)].map(([, name, value]) => [
      name,
      value?.replaceAll("`", ""),
    ]),
  );
  const serve = optionsOf("serve");

  it("has each option of `livemesh serve`, and no other", () => {
    expect([...rows.keys()].sort()).toEqual(serve.map(({ long }) => long).sort());
  });

  it.each(
    serve.map(({ long, description, defaultValue }) => ({ long, description, defaultValue })),
  )("has the default of $long", ({ long, description, defaultValue }) => {
    expect(rows.get(long ?? "")).toBe(shownDefault(description, defaultValue));
  });
});

describe("the page about swarms", () => {
  it("has each option of the command line, and no other", () => {
    const named = [...read("docs/swarm.md").matchAll(/^\| `(--[\w-]+)` +\|/gm)].map(
      ([, name]) => name,
    );
    expect(named.sort()).toEqual(
      optionsOf("swarm")
        .map(({ long }) => long)
        .sort(),
    );
  });
});

describe("the page about several streams", () => {
  const page = read("docs/streams.md");

  it("has a row for each field of a stream, and no other", () => {
    const named = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, field]) => field);
    expect(named.sort()).toEqual(STREAM_FIELDS.toSorted());
  });

  it("shows a file that can be read", () => {
    const [, json = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    const { streams } = JSON.parse(json) as { streams: unknown[] };
    const shared = { chunkMs: 200, seederUploadBps: 50e6 };
    const parsed = streams.map((stream) => parseStream(stream, { shared, folder: "/srv" }));
    expect(parsed.map(({ name }) => name)).toEqual(["hall", "studio", "loop"]);
  });
});

/** A default that is no value is told at the end of the description. */
function shownDefault(description: string, value: unknown): string {
  if (value === false) return "off";
  if (Array.isArray(value) && value.length === 0) return "none";
  if (value !== undefined) return String(value);
  const told = description.match(/\(default: (.+)\)$/)?.[1] ?? "";
  return told === "the number of the HTTP port" ? "the HTTP port's number" : told;
}

function expectNpmCommand(words: string[]): void {
  const [verb = "", ...rest] = words;
  if (verb === "ci") return;
  if (verb === "audit") return;
  const name = verb === "run" ? (rest.shift() ?? "") : verb;
  expect(Object.keys(scripts)).toContain(name);
  if (rest[0] === "--") rest.shift();
  const flags = rest.filter((word) => word.startsWith("--"));
  if (name === "start") expectOptions("serve", flags);
  if (name === "sim") expectSimOptions(rest);
  if (name === "bench:swarm") {
    const known = read("bench/swarm/options.mjs");
    for (const flag of flags) expect(known).toContain(flag.slice(2));
  }
}

/** Flags that exist, with values they take. */
function expectSimOptions(words: string[]): void {
  expect(() => createSimProgram(() => {}).parse(words, { from: "user" })).not.toThrow();
}

function expectLivemeshCommand(words: string[]): void {
  if (words[0]?.startsWith("-")) return expect(["--help", "--version"]).toContain(words[0]);
  const [command = "", ...rest] = words;
  expect(program.commands.map((candidate) => candidate.name())).toContain(command);
  const flags = words.filter((word) => word.startsWith("--"));
  const parts = program.commands.find((one) => one.name() === command)?.commands ?? [];
  if (parts.length === 0 || rest.length === 0) return expectOptions(command, flags);
  const part = parts.find((one) => one.name() === rest[0]);
  expect(part, `${command} ${rest[0]}`).toBeDefined();
  const known = part?.options.map(({ long }) => long);
  for (const flag of flags) expect(known, `${command} ${rest[0]} ${flag}`).toContain(flag);
}

function expectOptions(command: string, flags: string[]): void {
  const known = [...optionsOf(command).map(({ long }) => long), "--help"];
  for (const flag of flags) expect(known, `${command} ${flag}`).toContain(flag);
}
