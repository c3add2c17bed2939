// What whole processes cost, against what was promised; Linux, ffmpeg for the test picture.
//   npm run bench -- ingests | recording | peer | seeder [--json]
import { circumstances, circumstancesLine } from "./circumstances.mjs";
import { LOADS } from "./load/loads.mjs";
import { machineBusyMs } from "./swarm/cpu-meter.mjs";

const [name] = process.argv.slice(2);
const startMs = performance.now();
const busyMs = machineBusyMs();
const { what, figures, bounds, least = {} } = await LOADS[name]();
const machinePercent = Math.round(
  (100 * (machineBusyMs() - busyMs)) / (performance.now() - startMs),
);
const missed = [
  ...Object.keys(bounds).filter((figure) => figures[figure] > bounds[figure]),
  ...Object.keys(least).filter((figure) => figures[figure] < least[figure]),
];
const result = {
  bench: name,
  ...circumstances(),
  what,
  figures,
  bounds,
  least,
  missed,
  machinePercent,
};
if (process.argv.includes("--json")) console.log(JSON.stringify(result));
else {
  const told = Object.entries(figures).map(([figure, value]) => {
    const most = figure in bounds ? ` (at most ${bounds[figure]})` : "";
    const wanted = figure in least ? ` (at least ${least[figure]})` : most;
    return `  ${figure}: ${value}${wanted}`;
  });
  console.log(`${what}\n${told.join("\n")}\n  whole machine: ${machinePercent} % of a core`);
  console.log(circumstancesLine(result));
}
if (missed.length > 0) process.exitCode = 1;
