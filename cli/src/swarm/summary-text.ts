import type { SwarmSummary } from "./summary.ts";
import type { SwarmState } from "./swarm.ts";
import type { SwarmOptions } from "./swarm-options.ts";
import { megabytes, percent, summaryTable } from "./swarm-table.ts";

/** Problems that are shown; the others are in the logs. */
const MAX_PROBLEMS = 10;

/** Said of `test://integers`, whose check begins behind the holes of a peer's first moments. */
function leftOut({ leftOutAtStart }: SwarmSummary["totals"]): string {
  return leftOutAtStart === 0 ? "" : `${leftOutAtStart} chunks left out at the start; `;
}

/** The summary for people. */
export function summaryLines(
  { totals, offload, source, problems, durationMs, end }: SwarmSummary,
  { members }: SwarmState,
  { logDir }: Pick<SwarmOptions, "logDir">,
): string[] {
  const hidden = problems.length - MAX_PROBLEMS;
  return [
    ...summaryTable(members),
    "",
    `${members.length} members, ${Math.round(durationMs / 1000)} s; ended: ${end}`,
    `received ${megabytes(totals.receivedBytes)}, ${percent(offload)} of it from peers; ` +
      `${totals.gaps} gaps; ${leftOut(totals)}${totals.kills} killed`,
    ...(source === null
      ? []
      : [
          `published ${megabytes(source.copy)}; seeder and origin sent ` +
            `${(source.copies ?? 0).toFixed(1)} copies of it`,
        ]),
    `logs: ${logDir}`,
    ...problems.slice(0, MAX_PROBLEMS).map((problem) => `problem: ${problem}`),
    ...(hidden > 0 ? [`problem: ${hidden} more like these`] : []),
  ];
}
