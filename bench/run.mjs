#!/usr/bin/env node
// `npm run bench`: what the parts cost, each in a process of its own, so that none finds the code
// warmed up, or spoiled, by the one before. `npm run bench -- --help` for the options.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { circumstances, circumstancesLine } from "./circumstances.mjs";
import { LOADS } from "./load/loads.mjs";
import { FULL, measureSubject } from "./micro/harness.mjs";
import { SUBJECTS } from "./micro/subjects.mjs";
import { tableOf } from "./micro/table.mjs";

const PARTS = [...Object.keys(SUBJECTS), "packager"];
const NAMES = [...PARTS, ...Object.keys(LOADS)];
const HELP = `npm run bench -- [names] [options]

  names    of parts: ${PARTS.join(", ")} (default: all of these)
           of whole processes: ${Object.keys(LOADS).join(", ")}
  --json   a line of JSON for each instead of a table`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const unknown = positionals.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new RangeError(`"${unknown}" is none of ${NAMES.join(", ")}`);
  if (values.help) console.log(HELP);
  else if (positionals.length === 1 && positionals[0] in SUBJECTS) {
    await runHere(positionals[0], values.json);
  } else runApart(positionals.length === 0 ? PARTS : positionals, values.json);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}

async function runHere(name, isJson) {
  const subject = await SUBJECTS[name]({
    loadBlockStore: async () => (await import("../dist/mesh/block-store.js")).BlockStore,
  });
  const around = circumstances();
  const result = await measureSubject(subject, FULL);
  if (isJson) console.log(JSON.stringify({ ...around, ...result }));
  else console.log(`${tableOf(result)}\n${circumstancesLine(around)}\n`);
}

function runApart(names, isJson) {
  const options = isJson ? ["--json"] : [];
  for (const name of names) {
    const command = commandOf(name);
    const { status } = spawnSync(process.execPath, [...command, ...options], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      stdio: "inherit",
    });
    if (status !== 0) process.exitCode = 1;
  }
}

function commandOf(name) {
  if (name in LOADS) return ["load.mjs", name];
  return name === "packager" ? ["packager.mjs"] : ["run.mjs", name];
}
