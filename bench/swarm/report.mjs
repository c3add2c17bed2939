/** By player: HLS players wait for playlists, and keep a distance of their own to live. */
const TARGETS = {
  livemesh: { offload: 0.75, startupMs: 800, latencyMs: 1500, latencyP95Ms: 2500 },
  hls: { offload: 0.8, startupMs: 2000, latencyMs: 3000, latencyP95Ms: 3000 },
};

/**
 * What was measured, beside what we want and what cannot be beaten.
 * @returns Rows of { name, value, target, isMet, bound }, all text but `isMet` (undefined without
 * a target).
 */
export function rowsOf(result) {
  const { viewers, churn, player } = result.options;
  const hasChurn = churn > 0;
  const wanted = TARGETS[player ?? "livemesh"];
  return [
    row("source copies", result.sourceCopies, copies, undefined, "1.00"),
    row("  from first arrival on", result.sourceCopiesFromArrival, copies),
    row("offload", result.offload, percent, atLeast(wanted.offload), percent(1 - 1 / viewers)),
    row("start-up median", result.startupMs.median, milliseconds, atMost(wanted.startupMs)),
    row("start-up p95", result.startupMs.p95, milliseconds),
    row("latency median", result.latencyMs.median, milliseconds, atMost(wanted.latencyMs)),
    row("latency p95", result.latencyMs.p95, milliseconds, atMost(wanted.latencyP95Ms)),
    row("stalls", result.stalls.count, String, hasChurn ? undefined : atMost(0), "0"),
    row("  stalled in all", result.stalls.totalMs, milliseconds, undefined, "0 ms"),
    row("continuity", result.continuity, percent, hasChurn ? atLeast(0.99) : undefined, "100.0 %"),
    row("  of the worst viewer", result.worstContinuity, percent, undefined, "100.0 %"),
    row("duplicates", result.duplicateShare, percent, undefined, "0.0 %"),
    row("control", result.controlShare, percent, undefined, "0.0 %"),
    row("repaired blocks", result.repairedShare, percent, undefined, "0.0 %"),
    row("CPU per viewer", result.cpuCores.perViewer, cores, atMost(0.08)),
    row("CPU of the server", result.cpuCores.server, cores),
    row("CPU of encoder, bench", result.cpuCores.encoder + result.cpuCores.bench, cores),
    row("CPU of others here", result.cpuCores.others, cores),
    row("memory per viewer", result.memoryBytes.perViewer, mebibytes),
    row("memory of the server", result.memoryBytes.server, mebibytes),
  ];
}

/** For a terminal. Misses are marked, for colors do not survive a copy. */
export function tableOf(rows) {
  const lines = [
    ["", "measured", "target", "", "bound"],
    ...rows.map(({ name, value, target, isMet, bound }) => [
      name,
      value,
      target,
      isMet === undefined ? "" : isMet ? "ok" : "MISSED",
      bound,
    ]),
  ];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          column === 0 || column === 3
            ? text.padEnd(widths[column])
            : text.padStart(widths[column]),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function row(name, value, format, target, bound = "") {
  const isKnown = value !== null && value !== undefined && !Number.isNaN(value);
  return {
    name,
    value: isKnown ? format(value) : "–",
    target: target === undefined ? "" : `${target.sign} ${format(target.limit)}`,
    isMet: target === undefined ? undefined : isKnown && target.isMetBy(value),
    bound,
  };
}

function atLeast(limit) {
  return { sign: "≥", limit, isMetBy: (value) => value >= limit };
}

function atMost(limit) {
  return { sign: "≤", limit, isMetBy: (value) => value <= limit };
}

function copies(value) {
  return value.toFixed(2);
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

function milliseconds(ms) {
  return `${Math.round(ms)} ms`;
}

function cores(value) {
  return `${value.toFixed(3)} core`;
}

function mebibytes(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
