#!/usr/bin/env node
// `npm run fuzz`: feed everything that reads what strangers write, guided by what code ran.
import { parseArgs } from "node:util";
import { readCorpus, writeCorpus } from "./fuzz/corpus.mjs";
import { Coverage } from "./fuzz/coverage.mjs";
import { fuzz } from "./fuzz/fuzzer.mjs";

/** The libraries too that do the reading for us. */
const COUNTED = ["dist", "node_modules/zod", "node_modules/jose"].map(
  (folder) => new URL(`../${folder}/`, import.meta.url).href,
);
const coverage = new Coverage((url) => COUNTED.some((folder) => url.startsWith(folder)));
// Not above: what is imported before is not counted.
const { TARGETS } = await import("./fuzz/targets.mjs");

const HELP = `npm run fuzz -- [target ...] [options]

  --seconds <n>  for each target (default: 30)
  --seed <n>     of the inputs; the same seed makes the same ones (default: by the clock)
  --input <b64>  run one input, as printed with a failure
  --save         keep what ran something new in bench/fuzz/corpus

Targets: ${Object.keys(TARGETS).join(", ")}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "30" },
    seed: { type: "string", default: `${Date.now() % 1e9}` },
    input: { type: "string" },
    save: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(TARGETS, name));
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
if (values.help) console.log(HELP);
else if (unknown !== undefined) {
  console.error(`there is no target ${unknown}; there are ${Object.keys(TARGETS).join(", ")}`);
  process.exitCode = 2;
} else if (values.input !== undefined) {
  for (const name of names) await TARGETS[name].run(Buffer.from(values.input, "base64"));
} else {
  for (const name of names) await report(name);
}

async function report(name) {
  const [seed, forMs] = [Number(values.seed), 1000 * Number(values.seconds)];
  const corpus = readCorpus(name);
  const result = await fuzz(TARGETS[name], coverage, { corpus, forMs, seed });
  const { inputs, kept, covered, slowestMs, failure } = result;
  console.log(
    `${name}: ${inputs} inputs, ${covered} characters of code ran, ` +
      `${kept.length} kept (${corpus.length} before), slowest ${slowestMs.toFixed(0)} ms`,
  );
  if (failure !== undefined) {
    const input = Buffer.from(failure.input).toString("base64");
    console.error(`${name} FAILED with seed ${seed}: ${failure.error.stack}`);
    console.error(`again: npm run fuzz -- ${name} --input ${input}`);
    process.exitCode = 1;
  } else if (values.save) writeCorpus(name, kept);
}
