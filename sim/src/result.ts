import { offloadBound, postalFloorMs, sourceCopiesBound } from "./bounds.ts";
import { gini, NEVER_MS, quantile } from "./measure.ts";
import { wireBytes } from "./network.ts";
import type { Simulation } from "./simulation.ts";
import type { SimPeer } from "./viewer.ts";

/** One run's figures. Names are stable: people keep and compare these lines. */
export type RunResult = {
  scenario: string;
  scheduler: string;
  overlay: string;
  peers: number;
  seed: number;
  hash: string;
  /** Share of chunks that were there at the playout latency, 2 s behind the source by default. */
  continuityMean: number;
  continuityP1: number;
  /** The same at 1.2 s behind the source. */
  continuity1200: number;
  delayMsP50: number;
  delayMsP95: number;
  delayMsP99: number;
  floorMs: number;
  delayRatioP95: number;
  sourceCopies: number;
  sourceCopiesBound: number;
  offload: number;
  offloadBound: number;
  duplicateRatio: number;
  /** Wire bytes of control messages over payload received. */
  controlRatio: number;
  /** Payload received over what the stream's rate would have brought. */
  rateEfficiency: number;
  startupMsP50: number;
  startupMsP95: number;
  /** Viewers that never got a picture. */
  neverStarted: number;
  stallsPerHour: number;
  recoveryMs: number;
  /** Gini index of upload over viewers' uplinks used. */
  uploadGini: number;
  repairedRatio: number;
  rejectedBlocks: number;
  pollutedRelays: number;
  violations: string[];
  eventCount: number;
  wallMs: number;
  peakRssMb: number;
};

/** Counters at one moment, to tell the measured window from what was before. */
export type Snapshot = {
  copyBytes: number;
  seederBytes: number;
  sourceOther: number;
  received: number;
  duplicate: number;
  controlBytes: number;
  controlMessages: number;
  blocks: number;
  repaired: number;
  rejected: number;
};

export function snapshot(simulation: Simulation): Snapshot {
  const totals = { received: 0, duplicate: 0, controlBytes: 0, blocks: 0, repaired: 0, rejected: 0 };
  // Also those who left: what they got was sent.
  for (const { engine, misbehavior } of simulation.viewers) {
    if (misbehavior !== undefined) continue;
    const { bytes, blocks } = engine.stats();
    totals.received += bytes.fromPeers + bytes.fromSeeder + bytes.fromOrigin;
    totals.duplicate += bytes.duplicate;
    totals.controlBytes += bytes.control / 2;
    totals.blocks += blocks.received;
    totals.repaired += blocks.repaired;
    totals.rejected += blocks.rejected;
  }
  const { sourceBytes, seeder, media, controlMessages } = simulation;
  return {
    ...totals,
    controlMessages,
    copyBytes: media.copyBytes,
    seederBytes: seeder.engine.stats().bytes.uploaded,
    sourceOther: sourceBytes.origin + sourceBytes.join,
  };
}

/** The figures of a finished run. */
export function resultOf(
  simulation: Simulation,
  before: Snapshot,
  cost: { wallMs: number; peakRssMb: number },
): RunResult {
  const { scenario, seed, delays } = simulation;
  const { stream } = scenario;
  const honest = simulation.viewers.filter((viewer) => viewer.misbehavior === undefined);
  const after = snapshot(simulation);
  const during = (key: keyof Snapshot) => after[key] - before[key];
  const alive = Math.max(1, simulation.aliveViewers.length);
  const at2s = honest.map((viewer) => continuity(simulation, viewer, scenario.playoutMs)).filter(isKnown);
  const at1200 = honest.map((viewer) => continuity(simulation, viewer, 1200)).filter(isKnown);
  const startups = honest.map(({ record }) => record.startupMs).filter((ms) => ms !== undefined);
  const recent = honest.filter(({ record }) => record.joinedAtMs + 10_000 < Math.min(record.leftAtMs, simulation.nowMs));
  const floorMs = floorOf(simulation, alive);
  const sourceCopies = (during("seederBytes") + during("sourceOther")) / during("copyBytes");
  const delayMsP95 = delays.quantile(0.95);
  const payload = during("received");
  const controlWire = during("controlBytes") + during("controlMessages") * (wireBytes(1) - 1);
  const uplinkSum =
    simulation.aliveViewers.reduce((sum, { host }) => sum + host.uplinkBps, 0) / stream.bitrateBps;
  return {
    scenario: scenario.name,
    scheduler: scenario.scheduler,
    overlay: scenario.overlay,
    peers: scenario.peers,
    seed,
    hash: simulation.hash.toString(16).padStart(8, "0"),
    continuityMean: mean(at2s),
    continuityP1: quantile(at2s, 0.01),
    continuity1200: mean(at1200),
    delayMsP50: delays.quantile(0.5),
    delayMsP95,
    delayMsP99: delays.quantile(0.99),
    floorMs,
    delayRatioP95: delayMsP95 / floorMs,
    sourceCopies,
    sourceCopiesBound: sourceCopiesBound(alive, uplinkSum),
    offload: 1 - sourceCopies / alive,
    offloadBound: offloadBound(alive),
    duplicateRatio: during("duplicate") / payload,
    controlRatio: controlWire / payload,
    rateEfficiency: mean(at2s),
    startupMsP50: quantile(startups, 0.5),
    startupMsP95: quantile(startups, 0.95),
    neverStarted: recent.filter(({ record }) => record.startupMs === undefined).length,
    stallsPerHour: stallsPerHour(simulation, honest),
    recoveryMs: recoveryMs(simulation, honest),
    uploadGini: gini(simulation.aliveViewers.map(({ host }) => host.sentBytes)),
    repairedRatio: during("repaired") / during("blocks"),
    rejectedBlocks: during("rejected"),
    pollutedRelays: simulation.invariants.pollutedRelays,
    violations: simulation.invariants.violations,
    eventCount: simulation.eventCount,
    ...cost,
  };
}

/** First and last chunk a viewer ought to have in time, within what is measured. */
function dueChunks(simulation: Simulation, { record }: SimPeer, latencyMs: number): [number, number] {
  const { chunkMs } = simulation.scenario.stream;
  if (record.firstSequence === undefined) return [0, -1];
  const fromMs = Math.max(simulation.scenario.measureFromMs, record.joinedAtMs + 3000);
  const toMs = Math.min(record.leftAtMs, simulation.nowMs) - latencyMs - chunkMs;
  return [
    Math.max(record.firstSequence, Math.ceil(fromMs / chunkMs)),
    Math.floor(toMs / chunkMs),
  ];
}

/** NaN for a viewer of whom nothing is measured. */
function continuity(simulation: Simulation, viewer: SimPeer, latencyMs: number): number {
  const [first, last] = dueChunks(simulation, viewer, latencyMs);
  let inTime = 0;
  for (const ages of viewer.record.ageMs) {
    for (let sequence = first; sequence <= last; sequence++) {
      if ((ages[sequence] ?? NEVER_MS) <= latencyMs) inTime++;
    }
  }
  return last < first ? Number.NaN : inTime / (viewer.record.ageMs.length * (last - first + 1));
}

function stallsPerHour(simulation: Simulation, viewers: readonly SimPeer[]): number {
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
  const shares: number[] = [];
  for (let sequence = 0; sequence <= last; sequence++) {
    const atMs = sequence * stream.chunkMs;
    let due = 0;
    let inTime = 0;
    for (const { record } of viewers) {
      if (record.joinedAtMs + 3000 > atMs || record.leftAtMs < atMs + playoutMs) continue;
      due++;
      if (record.ageMs.every((ages) => (ages[sequence] ?? NEVER_MS) <= playoutMs)) inTime++;
    }
    shares.push(due === 0 ? 1 : inTime / due);
  }
  return shares;
}

/** From the first incident to the last chunk that less than 99 % had in time; 0 if there is none. */
function recoveryMs(simulation: Simulation, viewers: readonly SimPeer[]): number {
  const [incident] = simulation.scenario.incidents;
  if (incident === undefined) return 0;
  const { chunkMs } = simulation.scenario.stream;
  const lastBad = continuityOverTime(simulation, viewers).findLastIndex((share) => share < 0.99);
  return Math.max(0, (lastBad + 1) * chunkMs - incident.atMs);
}

/** Floor of this run: capacity-weighted transfer time and median latency (limits A3). */
function floorOf(simulation: Simulation, peers: number): number {
  const { scenario, network, viewers, random } = simulation;
  const blockBytes = 16 * 1024;
  let sum = 0;
  let weighted = 0;
  for (const { uplinkBps } of viewers.map(({ host }) => host.traits)) {
    sum += uplinkBps;
    weighted += uplinkBps * uplinkBps;
  }
  const transferMs = (blockBytes * 8000) / (sum === 0 ? scenario.stream.bitrateBps : weighted / sum);
  const latencies: number[] = [];
  for (let i = 0; i < 1001; i++) {
    const a = viewers[Math.floor(random() * viewers.length)];
    const b = viewers[Math.floor(random() * viewers.length)];
    if (a !== undefined && b !== undefined && a !== b) {
      latencies.push(network.oneWayMs(a.host.traits, b.host.traits));
    }
  }
  return postalFloorMs(peers + 1, transferMs, quantile(latencies, 0.5) || 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function isKnown(value: number): boolean {
  return !Number.isNaN(value);
}
