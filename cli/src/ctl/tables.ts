import type {
  Alerts,
  ControlPeer,
  ControlStream,
  MeshPicture,
  StreamPoint,
} from "#protocol/control";

type Column<T> = readonly [title: string, read: (row: T) => string | number | undefined];

/** Lines with columns as wide as what is in them; numbers to the right. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = rows.map((row) => columns.map(([, read]) => String(read(row) ?? "–")));
  const widths = columns.map(([title], at) =>
    Math.max(title.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const isNumber = columns.map((_, at) =>
    cells.every((line) => /^[\d.,–%-]+$/.test(line[at] ?? "")),
  );
  const write = (line: readonly string[]) =>
    line
      .map((text, at) =>
        isNumber[at] ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [write(columns.map(([title]) => title)), ...cells.map(write)].join("\n");
}

const mbit = (bps: number | undefined) => (bps === undefined ? undefined : (bps / 1e6).toFixed(2));
const percent = (share: number | undefined) =>
  share === undefined ? undefined : `${Math.round(share * 100)}%`;
const whole = (value: number | undefined) => (value === undefined ? undefined : Math.round(value));

export function streamsTable(streams: readonly ControlStream[]): string {
  return table(
    [
      ["stream", ({ id }) => id],
      ["state", ({ live }) => (live ? "live" : "off")],
      ["viewers", ({ viewers }) => viewers],
      ["offload", ({ newest }) => percent(newest?.offload)],
      ["latency ms", ({ newest }) => whole(newest?.latencyP50Ms)],
      ["p95", ({ newest }) => whole(newest?.latencyP95Ms)],
      ["stalls/min", ({ newest }) => newest?.stallsPerMinute],
      ["alerts", ({ alerts }) => alerts.map(({ kind }) => kind).join(" ") || "none"],
      ["title", ({ title }) => title],
    ],
    streams,
  );
}

export function meshTable({ peers, links, members, asked }: MeshPicture): string {
  const count = (peerId: string, end: "from" | "to") =>
    links.reduce((sum, link) => sum + (link[end] === peerId ? link.stripes : 0), 0);
  const rows = [...peers].sort((a, b) => b.bps.uploaded - a.bps.uploaded);
  const lines = table(
    [
      ["peer", ({ peerId }) => peerId],
      ["role", ({ role }) => role],
      ["latency ms", ({ latencyMs }) => whole(latencyMs)],
      ["peers Mbit/s", ({ bps }) => mbit(bps.peers)],
      ["seeder", ({ bps }) => mbit(bps.seeder)],
      ["origin", ({ bps }) => mbit(bps.origin)],
      ["up", ({ bps }) => mbit(bps.uploaded)],
      ["stripes in", ({ peerId }) => count(peerId, "to")],
      ["out", ({ peerId }) => count(peerId, "from")],
      ["neighbors", ({ neighborCount }) => neighborCount],
      [
        "order",
        ({ order }) => (order === undefined ? "none" : order.isAway ? "away" : "throttled"),
      ],
    ],
    rows,
  );
  return `${peers.length} of ${members} peers have told, ${asked} are asked\n${lines}`;
}

export function peerText(peer: ControlPeer): string {
  const { peerId, role, latencyMs, bps, uplink, neighbors, hints } = peer;
  const hinted = Object.entries(hints).map(([name, value]) => `${name} ${value}`);
  const head = [
    `${role} ${peerId}`,
    `latency ${whole(latencyMs) ?? "–"} ms, ${peer.stalls} stalls, ${peer.missedChunks} chunks missed, ${peer.rejectedBlocks} blocks rejected`,
    `Mbit/s: ${mbit(bps.peers)} from peers, ${mbit(bps.seeder)} from the seeder, ${mbit(bps.origin)} from the origin, ${mbit(bps.uploaded)} up`,
    `uplink: ${mbit(uplink.budgetBps)} Mbit/s believed, ${mbit(uplink.promisedBps)} promised`,
    ...(hinted.length > 0 ? [`says of itself: ${hinted.join(", ")}`] : []),
  ];
  const lines = table(
    [
      ["neighbor", (neighbor) => neighbor.peerId],
      ["rtt ms", (neighbor) => whole(neighbor.rttMs)],
      ["in Mbit/s", (neighbor) => mbit(neighbor.receivedBps)],
      ["out", (neighbor) => mbit(neighbor.sentBps)],
      ["stripes in", (neighbor) => neighbor.parentOf],
      ["out", (neighbor) => neighbor.childOf],
    ],
    neighbors,
  );
  return `${head.join("\n")}\n${lines}`;
}

export function historyTable(points: readonly StreamPoint[]): string {
  return table(
    [
      ["time (UTC)", ({ atMs }) => new Date(atMs).toISOString().slice(11, 19)],
      ["viewers", ({ viewers }) => viewers],
      ["offload", ({ offload }) => percent(offload)],
      ["latency ms", ({ latencyP50Ms }) => whole(latencyP50Ms)],
      ["p95", ({ latencyP95Ms }) => whole(latencyP95Ms)],
      ["stalls/min", ({ stallsPerMinute }) => stallsPerMinute],
      ["copy Mbit/s", ({ publisherBps }) => mbit(publisherBps.copy)],
      ["seeder", ({ publisherBps }) => mbit(publisherBps.seeder)],
      ["origin", ({ publisherBps }) => mbit(publisherBps.origin)],
    ],
    points,
  );
}

export function alertsText({ rules, firing }: Alerts): string {
  const { offloadBelow, stallsAbove, latencyAboveMs, viewersMin, holdSec } = rules;
  const watched = [
    ...(offloadBelow === undefined ? [] : [`offload below ${percent(offloadBelow)}`]),
    ...(stallsAbove === undefined ? [] : [`stalls above ${stallsAbove} a viewer and minute`]),
    ...(latencyAboveMs === undefined ? [] : [`median latency above ${latencyAboveMs} ms`]),
  ];
  const lines = firing.map(
    ({ kind, streamId, value, bound, sinceMs }) =>
      `${kind} ${streamId}: ${value}, bound ${bound}, since ${new Date(sinceMs).toISOString()}`,
  );
  return [
    `watched: ${watched.join(", ") || "nothing"}; of ${viewersMin} viewers or more, when it holds for ${holdSec} s`,
    ...(lines.length > 0 ? lines : ["nothing fires"]),
  ].join("\n");
}
