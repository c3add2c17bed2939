import { NEVER_MS } from "./measure.ts";
import type { Simulation } from "./simulation.ts";
import type { SimPeer } from "./viewer.ts";

/** What a newcomer is given to start, in ms: after it, every chunk counts. */
const START_MS = 3000;

/** First and last chunk a viewer ought to have in time, within what is measured. */
function dueChunks(
  simulation: Simulation,
  { record }: SimPeer,
  latencyMs: number,
): [number, number] {
  const { chunkMs } = simulation.scenario.stream;
  if (record.firstSequence === undefined) return [0, -1];
  const fromMs = Math.max(simulation.scenario.measureFromMs, record.joinedAtMs + START_MS);
  const toMs = Math.min(record.leftAtMs, simulation.nowMs) - latencyMs - chunkMs;
  return [Math.max(record.firstSequence, Math.ceil(fromMs / chunkMs)), Math.floor(toMs / chunkMs)];
}

/** NaN for a viewer of whom nothing is measured. */
export function continuity(simulation: Simulation, viewer: SimPeer, latencyMs: number): number {
  const [first, last] = dueChunks(simulation, viewer, latencyMs);
  let inTime = 0;
  for (const ages of viewer.record.ageMs) {
    for (let sequence = first; sequence <= last; sequence++) {
      if ((ages[sequence] ?? NEVER_MS) <= latencyMs) inTime++;
    }
  }
  return last < first ? Number.NaN : inTime / (viewer.record.ageMs.length * (last - first + 1));
}

export function stallsPerHour(simulation: Simulation, viewers: readonly SimPeer[]): number {
  const { playoutMs, stream } = simulation.scenario;
  let stalls = 0;
  let chunks = 0;
  for (const viewer of viewers) {
    const [first, last] = dueChunks(simulation, viewer, playoutMs);
    let isStalled = false;
    for (let sequence = first; sequence <= last; sequence++) {
      const isLate = viewer.record.ageMs.some((ages) => (ages[sequence] ?? NEVER_MS) > playoutMs);
      if (isLate && !isStalled) stalls++;
      isStalled = isLate;
      chunks++;
    }
  }
  return chunks === 0 ? 0 : (stalls * 3_600_000) / (chunks * stream.chunkMs);
}

/** Share of viewers, per chunk, that had it in time: what recovery and the curves are drawn from. */
export function continuityOverTime(simulation: Simulation, viewers: readonly SimPeer[]): number[] {
  const { playoutMs, stream } = simulation.scenario;
  const last = Math.floor((simulation.nowMs - playoutMs) / stream.chunkMs) - 1;
  return Array.from({ length: Math.max(0, last + 1) }, (_, sequence) =>
    continuityOf(simulation, viewers, sequence),
  );
}

/** Share of the viewers that had this chunk in time, of those who ought to; 1 if none ought to. */
export function continuityOf(
  simulation: Simulation,
  viewers: readonly SimPeer[],
  sequence: number,
): number {
  const { playoutMs, stream } = simulation.scenario;
  const atMs = sequence * stream.chunkMs;
  let due = 0;
  let inTime = 0;
  for (const { record } of viewers) {
    if (record.joinedAtMs + START_MS > atMs || record.leftAtMs < atMs + playoutMs) continue;
    due++;
    if (record.ageMs.every((ages) => (ages[sequence] ?? NEVER_MS) <= playoutMs)) inTime++;
  }
  return due === 0 ? 1 : inTime / due;
}

/** From the first incident to the last chunk that less than 99 % had in time; 0 if there is none. */
export function recoveryMs(simulation: Simulation, viewers: readonly SimPeer[]): number {
  const [incident] = simulation.scenario.incidents;
  if (incident === undefined) return 0;
  const { chunkMs } = simulation.scenario.stream;
  const lastBad = continuityOverTime(simulation, viewers).findLastIndex((share) => share < 0.99);
  return Math.max(0, (lastBad + 1) * chunkMs - incident.atMs);
}
