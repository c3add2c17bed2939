import { type Member, receivedBytes } from "./member.ts";
import { share, totalOf } from "./summary.ts";
import type { SwarmState } from "./swarm.ts";

type Column = { title: string; width: number; cell: (member: Member) => string };

const COLUMNS: readonly Column[] = [
  { title: "neighbors", width: 9, cell: ({ neighbors }) => `${neighbors}` },
  { title: "received", width: 10, cell: ({ figures }) => megabytes(receivedBytes(figures)) },
  { title: "peers", width: 6, cell: ({ figures }) => part(figures.fromPeers, figures) },
  { title: "seeder", width: 6, cell: ({ figures }) => part(figures.fromSeeder, figures) },
  { title: "origin", width: 6, cell: ({ figures }) => part(figures.fromOrigin, figures) },
  { title: "uploaded", width: 10, cell: ({ figures }) => megabytes(figures.uploaded) },
  { title: "latency", width: 8, cell: ({ latency }) => milliseconds(latency.now) },
  { title: "gaps", width: 5, cell: ({ figures }) => `${figures.gaps}` },
  { title: "kills", width: 5, cell: ({ kills }) => `${kills}` },
];

/** What no check saw; worth a look when all is over. */
const LEFT_OUT: Column = {
  title: "left out",
  width: 8,
  cell: ({ figures }) => `${figures.leftOutAtStart}`,
};

/** At the end, when there is no latency now. */
const SUMMARY_COLUMNS: readonly Column[] = COLUMNS.filter(
  ({ title }) => title !== "neighbors",
).flatMap((column) => {
  if (column.title === "gaps") return [column, LEFT_OUT];
  if (column.title !== "latency") return [column];
  return [
    { title: "latency", width: 8, cell: ({ latency }) => milliseconds(latency.mean) },
    { title: "at most", width: 8, cell: ({ latency }) => milliseconds(latency.max) },
  ];
});

/** As many members as fit, those with something wrong first, under one line about all. */
export function liveTable(state: SwarmState, maxLines: number): string[] {
  const room = Math.max(1, maxLines - 3);
  const members = state.members.toSorted((a, b) => trouble(b) - trouble(a)).slice(0, room);
  const left = state.members.length - members.length;
  return [headline(state), ...table(members, COLUMNS), ...(left > 0 ? [`… and ${left} more`] : [])];
}

export function summaryTable(members: readonly Member[]): string[] {
  return table(members, SUMMARY_COLUMNS);
}

/** All members in one line. */
export function headline({ elapsedMs, members, source }: SwarmState): string {
  const totals = totalOf(members);
  const running = members.filter(({ state }) => state === "running").length;
  const latencies = members.flatMap(({ latency }) => latency.now ?? []).sort((a, b) => a - b);
  return [
    `${Math.round(elapsedMs / 1000)} s`,
    `${running} of ${members.length} running`,
    `${megabytes(receivedBytes(totals))} received`,
    `${percent(share(totals.fromPeers, receivedBytes(totals)))} from peers`,
    ...(source === undefined ? [] : [`${megabytes(source.copy)} published`]),
    `latency ${milliseconds(latencies.at(latencies.length >> 1))}, ` +
      `at most ${milliseconds(latencies.at(-1))}`,
    `gaps ${totals.gaps}`,
  ].join("  ");
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function percent(share: number | null): string {
  return share === null ? "-" : `${Math.round(share * 100)} %`;
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? "-" : `${Math.round(ms)} ms`;
}

function part(bytes: number, figures: Member["figures"]): string {
  return percent(share(bytes, receivedBytes(figures)));
}

function trouble({ problem, figures, state }: Member): number {
  return (
    (problem === undefined ? 0 : 4) + (figures.gaps > 0 ? 2 : 0) + Number(state === "starting")
  );
}

function table(members: readonly Member[], columns: readonly Column[]): string[] {
  const nameWidth = Math.max(6, ...members.map(({ name }) => name.length));
  const row = (name: string, state: string, cells: readonly string[]) =>
    [
      name.padEnd(nameWidth),
      state.padEnd(8),
      ...cells.map((cell, index) => cell.padStart(columns[index]?.width ?? 0)),
    ].join("  ");
  return [
    row(
      "",
      "",
      columns.map(({ title }) => title),
    ).trimEnd(),
    ...members.map((member) =>
      row(
        member.name,
        member.state,
        columns.map(({ cell }) => cell(member)),
      ),
    ),
  ];
}
