/** The part of a player's getStats() that is measured. */
export type MeasuredStats = {
  startupMs: number | null;
  latencyMs: number | null;
  stalls: { count: number; totalMs: number };
  playedMs: number;
  skippedMs?: number;
  bytes: {
    fromPeers: number;
    fromSeeder: number;
    fromOrigin: number;
    uploaded: number;
    duplicate: number;
    control: number;
  };
  blocks: { received: number; rejected: number; repaired: number };
  neighbors: number;
  droppedFrames: number;
};

export type MeasuredViewer = {
  /** Null when there was no player yet. */
  statsAtStart: MeasuredStats | null;
  stats: MeasuredStats;
  latencies: readonly (readonly [atMs: number, latencyMs: number | null])[];
  leftAtMs?: number;
};

export type SourceStats = { bytes: { copy: number; seeder: number; origin: number } };

export type SwarmRun = {
  fromMs: number;
  untilMs: number;
  source: { beforeArrival: SourceStats; atStart: SourceStats; atEnd: SourceStats };
  viewers: readonly MeasuredViewer[];
  cpuMs: { browser: number; server: number; encoder: number; bench: number };
  busyMs: number;
  memory: { browser: number; server: number };
};

export type Quantiles = { median: number | null; p95: number | null };

export type SwarmMeasures = {
  spanMs: number;
  averageViewers: number;
  sourceCopies: number;
  sourceCopiesFromArrival: number;
  offload: number | null;
  streamBps: number;
  startupMs: Quantiles;
  latencyMs: Quantiles;
  stalls: { count: number; totalMs: number };
  continuity: number | null;
  worstContinuity: number;
  playedShare: number | null;
  droppedFrames: number;
  duplicateShare: number | null;
  controlShare: number | null;
  repairedShare: number | null;
  rejectedBlocks: number;
  cpuCores: { perViewer: number; server: number; encoder: number; bench: number; others: number };
  memoryBytes: { perViewer: number; server: number };
  perViewer: Record<string, unknown>[];
};

export function measure(run: SwarmRun): SwarmMeasures;
