/** Bounds a result is printed beside. Formulae and sources: docs/design/simulator.md. */

/** Steps of the postal recursion are this long at most. */
const GRID_MS = 0.25;

/** How long one hop takes: the sender's uplink is busy for the transfer, then it is on its way. */
export type Hop = { transferMs: number; latencyMs: number };

/**
 * Latency-aware floor of spreading one unit to `peers` (postal model): holders send serially, each
 * send takes `transferMs` of the sender's uplink, and arrives `latencyMs` later.
 * I(t) = I(t - τ) + I(t - τ - L), I = `copies` at the start.
 */
export function postalFloorMs(peers: number, hop: Hop, copies = 1): number {
  return postalCurve(peers, hop, copies).at(-1)?.timeMs ?? 0;
}

/** How many hold the unit at which time, up to the time when `peers` do. */
export function postalCurve(
  peers: number,
  { transferMs, latencyMs }: Hop,
  copies = 1,
): { timeMs: number; informed: number }[] {
  // The grid has the transfer as a whole number of steps, which the recursion repeats most.
  const transfer = Math.max(8, Math.ceil(transferMs / GRID_MS));
  const stepMs = transferMs / transfer;
  const lag = transfer + Math.round(latencyMs / stepMs);
  const informed: number[] = [];
  for (let t = 0; (informed[t - 1] ?? 0) < peers; t++) {
    const before = informed[t - transfer] ?? 0;
    const arrived = informed[t - lag] ?? 0;
    informed.push(Math.max(copies, before + arrived));
  }
  return informed.map((count, t) => ({ timeMs: t * stepMs, informed: count }));
}

/** Chunk times for one chunk to reach `peers` when all upload exactly at the stream's rate (Abeni). */
export function unitUploadSteps(peers: number): number {
  return Math.ceil(Math.log2(peers)) + 1;
}

/** Best possible offload: somebody has to send one copy. */
export function offloadBound(peers: number): number {
  return (peers - 1) / peers;
}

/**
 * Least number of copies the source must emit: one, or what the viewers' uplinks cannot carry.
 * @param uplinkSum All viewers' uplinks together, as a multiple of the stream's rate.
 */
export function sourceCopiesBound(peers: number, uplinkSum: number): number {
  return Math.max(1, peers - uplinkSum);
}
