#!/usr/bin/env node
// `npm run bench:hostile`: what one hostile peer costs its victim, and what a flood of joins costs those
// who wait behind it. Real processes, data channels and sockets.
import { parseArgs } from "node:util";
import { circumstances, circumstancesLine } from "./circumstances.mjs";
import { measureFlood } from "./hostile/join-flood.mjs";
import { ATTACKS, measureVictim } from "./hostile/victim.mjs";

const HELP = `npm run bench:hostile -- [options]

  --seconds <n>  of each attack (default: 10)
  --only <name>  one of: ${[...ATTACKS, "join-flood"].join(", ")}
  --json         a line of JSON instead of a table`;
/** Percent of a core that an attack may add; ms that an honest announce may take while a flood goes on. */
const TARGETS = { cpuPercent: 5, answerP99Ms: 250 };

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) console.log(HELP);
else await main(1000 * Number(values.seconds), values.only);

async function main(forMs, only) {
  const around = circumstances();
  const chosen = ATTACKS.filter((name) => only === undefined || name === only);
  const victim = chosen.length === 0 ? undefined : await measureVictim(chosen, forMs);
  const isFlood = only === undefined || only === "join-flood";
  const flood = isFlood ? await measureFlood(forMs) : undefined;
  if (values.json) console.log(JSON.stringify({ ...around, victim, flood }));
  else
    console.log(
      `${[...victimRows(victim), ...floodRows(flood)].join("\n")}\n\n${circumstancesLine(around)}`,
    );
  const isMet =
    (victim?.attacks ?? []).every(({ addedCpuPercent, missed }) => {
      return addedCpuPercent <= TARGETS.cpuPercent && missed === 0;
    }) &&
    (flood === undefined || flood.honestMs.p99 <= TARGETS.answerP99Ms);
  process.exitCode = isMet ? 0 : 1;
}

function victimRows(victim) {
  if (victim === undefined) return [];
  const rows = victim.attacks.map(
    ({ name, addedCpuPercent, links, missed, rejected }) =>
      `  ${name.padEnd(20)} ${percent(addedCpuPercent)} of a core, ${links} links, ` +
      `${rejected} rejected, ${missed} chunks missed`,
  );
  return [
    `a viewer alone: ${percent(victim.quietCpuPercent)} of a core; a hostile peer adds (≤ ${TARGETS.cpuPercent} %):`,
    ...rows,
  ];
}

function floodRows(flood) {
  if (flood === undefined) return [];
  const { honest, flooded, refused, honestMs, quietMs } = flood;
  const ms = ({ p50, p99 }) => `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`;
  return [
    `honest joins while ten times as many flood the tracker: ${ms(honestMs)} (p99 ≤ ${TARGETS.answerP99Ms} ms)`,
    `  without the flood ${ms(quietMs)}; ${honest} honest, ${flooded} hostile, ${refused} of these refused`,
  ];
}

function percent(value) {
  return `${value.toFixed(1)} %`;
}
