/** What issue 2 asks of ten viewers on two cores; printed beside each number. */
export const TARGETS = {
  latencyMedianMs: { atMost: 1500 },
  latencyP95Ms: { atMost: 2500 },
  offload: { atLeast: 0.75 },
  startupMedianMs: { atMost: 800 },
  stalls: { atMost: 0, onlyWithout: "churn" },
  continuity: { atLeast: 0.99 },
  coresPerViewer: { atMost: 0.08 },
};

/** All numbers of one run, from what was measured. */
export function reportOf(measured) {
  const { options, stayed, left, spanMs, meanViewers, usage } = measured;
  const bytes = difference(measured.endCounters, measured.startCounters);
  const sourceCopies = (bytes.seeder + bytes.origin) / bytes.copy;
  const everybody = [...stayed, ...left].filter(({ stats }) => stats !== null);
  const playing = everybody.filter(({ sinceFirstMs }) => sinceFirstMs > 0);
  const latencies = playing.flatMap(({ latenciesMs }) => latenciesMs);
  const startups = playing.flatMap(({ stats }) => stats.startupMs ?? []);
  const sum = (read) => everybody.reduce((total, { stats }) => total + read(stats), 0);
  const fromMesh = sum(({ bytes: own }) => own.fromPeers);
  const received = sum(({ bytes: own }) => own.fromPeers + own.fromSeeder + own.fromOrigin);
  return {
    options,
    clip: measured.clip,
    spanSec: round(spanMs / 1000, 1),
    streamKbps: round((bytes.copy * 8) / spanMs, 0),
    viewersMean: round(meanViewers, 2),
    viewersNeverPlayed: options.viewers - playing.length,
    sourceCopies: round(sourceCopies, 3),
    seederCopies: round(bytes.seeder / bytes.copy, 3),
    originCopies: round(bytes.origin / bytes.copy, 3),
    offload: round(1 - sourceCopies / meanViewers, 4),
    offloadBound: round(1 - 1 / meanViewers, 4),
    shareFromPeers: round(fromMesh / received, 4),
    duplicateShare: round(sum(({ bytes: own }) => own.duplicate) / received, 4),
    controlShare: round(sum(({ bytes: own }) => own.control) / received, 4),
    repairedShare: round(
      sum(({ blocks }) => blocks.repaired) / sum(({ blocks }) => blocks.received),
      4,
    ),
    rejectedBlocks: sum(({ blocks }) => blocks.rejected),
    startupMedianMs: round(quantile(startups, 0.5), 0),
    startupP95Ms: round(quantile(startups, 0.95), 0),
    latencyMedianMs: round(quantile(latencies, 0.5), 0),
    latencyP95Ms: round(quantile(latencies, 0.95), 0),
    latencySamples: latencies.length,
    stalls: sum(({ stalls }) => stalls.count),
    stalledMs: round(
      sum(({ stalls }) => stalls.totalMs),
      0,
    ),
    continuity: round(
      playing.reduce((total, { stats }) => total + stats.playedMs, 0) /
        playing.reduce((total, { sinceFirstMs }) => total + sinceFirstMs, 0),
      4,
    ),
    continuityWorst: round(
      Math.min(...playing.map(({ stats, sinceFirstMs }) => stats.playedMs / sinceFirstMs)),
      4,
    ),
    droppedFrames: sum(({ droppedFrames }) => droppedFrames ?? 0),
    coresPerViewer: round((usage.browser.cpuSec * 1000) / spanMs / meanViewers, 4),
    serverCores: round((usage.server.cpuSec * 1000) / spanMs, 4),
    otherCores: round((measured.othersCpuSec * 1000) / spanMs, 4),
    browserMemoryMibPerViewer: round(usage.browser.memoryBytes / 2 ** 20 / stayed.length, 1),
    serverMemoryMib: round(usage.server.memoryBytes / 2 ** 20, 1),
  };
}

/** For people: one number a line, its target and whether it is met beside it. */
export function tableOf(report) {
  const { options } = report;
  const head =
    `${options.viewers} viewers, ${options.arrival} arrival, churn ${options.churn}, ` +
    `seed ${options.seed}, ${report.spanSec} s, ${report.clip} (${report.streamKbps} kbit/s)`;
  const rows = [
    ["source copies", report.sourceCopies, "", `seeder ${report.seederCopies}`],
    ["", "", "", `origin ${report.originCopies}`],
    ["offload", percent(report.offload), "offload", `bound ${percent(report.offloadBound)}`],
    ["from peers", percent(report.shareFromPeers), "", "of all block bytes, whole session"],
    ["start-up median", `${report.startupMedianMs} ms`, "startupMedianMs", ""],
    ["start-up p95", `${report.startupP95Ms} ms`, "", ""],
    ["latency median", `${report.latencyMedianMs} ms`, "latencyMedianMs", ""],
    ["latency p95", `${report.latencyP95Ms} ms`, "latencyP95Ms", ""],
    ["stalls", report.stalls, "stalls", `${report.stalledMs} ms in all`],
    ["continuity", percent(report.continuity), "continuity", worst(report)],
    ["never played", report.viewersNeverPlayed, "", "viewers"],
    ["cores per viewer", report.coresPerViewer, "coresPerViewer", "all of Chromium"],
    ["server cores", report.serverCores, "", `${report.serverMemoryMib} MiB`],
    ["other cores", report.otherCores, "", "encoder not: the rest of this machine and the bench"],
    ["memory per viewer", `${report.browserMemoryMibPerViewer} MiB`, "", ""],
    ["duplicates", percent(report.duplicateShare), "", `control ${percent(report.controlShare)}`],
    ["repaired", percent(report.repairedShare), "", `rejected ${report.rejectedBlocks} blocks`],
  ];
  const lines = rows.map(([name, value, target, note]) =>
    [
      name.padEnd(18),
      String(value).padStart(10),
      `  ${targetText(report, target)}`.padEnd(22),
      note,
    ]
      .join("")
      .trimEnd(),
  );
  return `${head}\n\n${lines.join("\n")}\n\n`;
}

function targetText(report, name) {
  const target = TARGETS[name];
  if (target === undefined) return "";
  if (target.onlyWithout !== undefined && report.options[target.onlyWithout] > 0) return "";
  const value = report[name];
  const isMet = target.atMost === undefined ? value >= target.atLeast : value <= target.atMost;
  const bound = target.atMost === undefined ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  return `${isMet ? "ok  " : "MISS"} ${bound}`;
}

function worst({ continuityWorst }) {
  return `worst ${percent(continuityWorst)}`;
}

function difference(end, start) {
  return Object.fromEntries(Object.keys(end).map((name) => [name, end[name] - start[name]]));
}

/** Nearest rank: always one of the values. NaN of none. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

function round(value, digits) {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : null;
}
