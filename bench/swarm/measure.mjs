import { mean, quantile, sumOf } from "./statistics.mjs";

/**
 * From what was counted to what it means. Counters are cumulative, so everything is the difference
 * between the start of the measured span and its end.
 *
 * @param run.source `GET /api/stats` before the first arrival and at both ends of the span.
 * @param run.viewers Per viewer: getStats() at both ends, latency samples, `leftAtMs` if it was
 * closed on the way.
 * @param run.cpuMs CPU time in the span: of `browser`, `server`, `encoder` and `bench`.
 */
export function measure({ fromMs, untilMs, source, viewers, cpuMs, busyMs, memory }) {
  const spanMs = untilMs - fromMs;
  const stayed = viewers.filter(({ leftAtMs }) => leftAtMs === undefined);
  const got = received(viewers);
  const viewerSpans = sumOf(viewers, ({ leftAtMs = untilMs }) => (leftAtMs - fromMs) / spanMs);
  const latencies = viewers.flatMap(({ latencies }) =>
    latencies
      .filter(([atMs, latencyMs]) => atMs >= fromMs && atMs <= untilMs && latencyMs !== null)
      .map(([, latencyMs]) => latencyMs),
  );
  const startups = viewers.map(({ stats }) => stats.startupMs).filter((ms) => ms !== null);
  const cpuOfAllMs = sumOf(Object.values(cpuMs), (ms) => ms);
  return {
    spanMs,
    averageViewers: viewerSpans,
    sourceCopies: copies(source.atStart, source.atEnd),
    sourceCopiesFromArrival: copies(source.beforeArrival, source.atEnd),
    offload: got.all === 0 ? null : got.fromPeers / got.all,
    streamBps: ((source.atEnd.bytes.copy - source.atStart.bytes.copy) * 8000) / spanMs,
    startupMs: { median: quantile(startups, 0.5), p95: quantile(startups, 0.95) },
    latencyMs: { median: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
    stalls: {
      count: sumOf(stayed, (viewer) => grown(viewer, (stats) => stats.stalls.count)),
      totalMs: sumOf(stayed, (viewer) => grown(viewer, (stats) => stats.stalls.totalMs)),
    },
    continuity: mean(stayed.map((viewer) => continuity(viewer, spanMs))),
    worstContinuity: stayed.reduce(
      (worst, viewer) => Math.min(worst, continuity(viewer, spanMs)),
      1,
    ),
    playedShare: mean(stayed.map((viewer) => grown(viewer, (stats) => stats.playedMs) / spanMs)),
    droppedFrames: sumOf(viewers, (viewer) => grown(viewer, (stats) => stats.droppedFrames)),
    duplicateShare: got.all === 0 ? null : got.duplicate / got.all,
    // Both ends count a control message; once is what the network carried.
    controlShare: got.all === 0 ? null : got.control / 2 / got.all,
    repairedShare: got.blocks === 0 ? null : got.repaired / got.blocks,
    rejectedBlocks: got.rejected,
    cpuCores: {
      perViewer: cpuMs.browser / spanMs / viewerSpans,
      server: cpuMs.server / spanMs,
      encoder: cpuMs.encoder / spanMs,
      bench: cpuMs.bench / spanMs,
      others: Math.max(0, busyMs - cpuOfAllMs) / spanMs,
    },
    memoryBytes: { perViewer: memory.browser / Math.max(1, stayed.length), server: memory.server },
    perViewer: viewers.map((viewer) => ({
      startupMs: viewer.stats.startupMs,
      latencyMs: quantile(
        viewer.latencies.map(([, latencyMs]) => latencyMs).filter((ms) => ms !== null),
        0.5,
      ),
      offload: received([viewer]).fromPeers / received([viewer]).all,
      uploadedBytes: grown(viewer, (stats) => stats.bytes.uploaded),
      stalls: grown(viewer, (stats) => stats.stalls.count),
      neighbors: viewer.stats.neighbors,
      left: viewer.leftAtMs !== undefined,
    })),
  };
}

/** Share of the span in which there was something new to see: no stall, nothing jumped over. */
function continuity(viewer, spanMs) {
  const stalledMs = grown(viewer, (stats) => stats.stalls.totalMs);
  const skippedMs = grown(viewer, (stats) => stats.skippedMs ?? 0);
  return Math.max(0, 1 - (stalledMs + skippedMs) / spanMs);
}

/** Copies of the stream that left seeder and origin between two readings of their counters. */
function copies(before, after) {
  const sent = ({ bytes }) => bytes.seeder + bytes.origin;
  return (sent(after) - sent(before)) / (after.bytes.copy - before.bytes.copy);
}

function received(viewers) {
  const sum = (value) => sumOf(viewers, (viewer) => grown(viewer, value));
  const fromPeers = sum((stats) => stats.bytes.fromPeers);
  return {
    fromPeers,
    all: fromPeers + sum((stats) => stats.bytes.fromSeeder + stats.bytes.fromOrigin),
    duplicate: sum((stats) => stats.bytes.duplicate),
    control: sum((stats) => stats.bytes.control),
    blocks: sum((stats) => stats.blocks.received),
    repaired: sum((stats) => stats.blocks.repaired),
    rejected: sum((stats) => stats.blocks.rejected),
  };
}

/** In a flash crowd the span begins before there is a player. */
function grown({ statsAtStart, stats }, value) {
  return value(stats) - (statsAtStart === null ? 0 : value(statsAtStart));
}
