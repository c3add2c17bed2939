import type { MeshEngine, MeshEvent, MeshStats } from "#mesh";

export type Step = { event: MeshEvent; nowMs: number; actionCount: number };

export type Trace = {
  beginning: Step[];
  steps: Step[];
  settled: MeshStats;
  recorded: MeshEngine;
  recordingCpuUs: number;
  settledEngine(): MeshEngine;
};

export const NEIGHBORS: number;
export const SETTLE_MS: number;
export function recordTrace(settings: { hasChildren: boolean; seconds: number }): Trace;
export function replay(engine: MeshEngine, steps: readonly Step[]): void;
