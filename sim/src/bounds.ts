/** Bounds a result is printed beside. Formulae and sources: docs/design/simulator.md. */

/**
 * Latency-aware floor of spreading one unit to `peers` (postal model): holders send serially, each
 * send takes `transferMs` of the sender's uplink, and arrives `latencyMs` later.
 * I(t) = I(t - τ) + I(t - τ - L), I = `copies` at the start.
 */
export function postalFloorMs(
  peers: number,
  transferMs: number,
  latencyMs: number,
  copies = 1,
): number {
  const stepMs = Math.min(0.25, transferMs / 8);
  const transfer = Math.max(1, Math.round(transferMs / stepMs));
  const lag = Math.round((transferMs + latencyMs) / stepMs);
  const informed: number[] = [];
  for (let t = 0; ; t++) {
    // A peer sends at t and is free again at t + τ: those informed by t each add one per τ.
    const before = t >= transfer ? (informed[t - transfer] as number) : 0;
    const arrived = t >= lag ? (informed[t - lag] as number) : 0;
    informed[t] = Math.max(copies, before + arrived);
    if ((informed[t] as number) >= peers) return t * stepMs;
  }
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
