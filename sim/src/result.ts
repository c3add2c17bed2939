import { offloadBound, postalFloorMs, sourceCopiesBound } from "./bounds.ts";
import { continuity, recoveryMs, stallsPerHour } from "./continuity.ts";
import type { Cost } from "./cost.ts";
import { averageCount, gini, quantile } from "./measure.ts";
import { viewersOf } from "./scenario-variants.ts";
import type { Simulation } from "./simulation.ts";
import { type Snapshot, snapshot } from "./snapshot.ts";
import { typicalHop } from "./typical-hop.ts";
import type { SimPeer } from "./viewer.ts";

/** One run's figures. Names are stable: people keep and compare these lines. */
export type RunResult = {
  scenario: string;
  scheduler: string;
  overlay: string;
  /** Viewers in all, those of crowds included. */
  peers: number;
  seed: number;
  hash: string;
  /** Share of chunks that were there at the playout latency, 2 s behind the source by default. */
  continuityMean: number;
  continuityP1: number;
  /** Of the viewer that fared worst. */
  continuityMin: number;
  /** Of those who were there before the first incident; of all if there is none. */
  continuityIncumbents: number;
  /** The same at 1.2 s behind the source. */
  continuity1200: number;
  delayMsP50: number;
  delayMsP95: number;
  delayMsP99: number;
  floorMs: number;
  delayRatioP95: number;
  sourceCopies: number;
  sourceCopiesBound: number;
  /** Wire bytes through TURN over the bytes of one copy; counted in none of the others. */
  relayedCopies: number;
  offload: number;
  offloadBound: number;
  duplicateRatio: number;
  /** Wire bytes of control messages over payload received. */
  controlRatio: number;
  /** Useful bytes received over what the stream's rate brings in the time viewers were there. */
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
  /** Of the processor: what counts beside other work. */
  cpuMs: number;
  peakRssMb: number;
};

/** The figures of a finished run. */
export function resultOf(simulation: Simulation, before: Snapshot, cost: Cost): RunResult {
  const { scenario, seed, delays } = simulation;
  const { stream } = scenario;
  const honest = simulation.viewers.filter((viewer) => viewer.misbehavior === undefined);
  const after = snapshot(simulation);
  const during = (key: keyof Snapshot) => after[key] - before[key];
  const alive = Math.max(1, simulation.aliveViewers.length);
  const at2s = honest
    .map((viewer) => continuity(simulation, viewer, scenario.playoutMs))
    .filter(isKnown);
  const at1200 = honest.map((viewer) => continuity(simulation, viewer, 1200)).filter(isKnown);
  const startups = honest.map(({ record }) => record.startupMs).filter((ms) => ms !== undefined);
  const recent = honest.filter(
    ({ record }) => record.joinedAtMs + 10_000 < Math.min(record.leftAtMs, simulation.nowMs),
  );
  const floorMs = postalFloorMs(alive + 1, typicalHop(simulation));
  const sourceCopies = (during("seederBytes") + during("sourceOther")) / during("copyBytes");
  const delayMsP95 = delays.quantile(0.95);
  const payload = during("received");
  const uplinkSum =
    simulation.aliveViewers.reduce((sum, { host }) => sum + host.uplinkBps, 0) / stream.bitrateBps;
  const honestOnAverage = averageCount(
    honest.map(({ record }) => [record.joinedAtMs, record.leftAtMs]),
    [scenario.measureFromMs, simulation.nowMs],
  );
  return {
    scenario: scenario.name,
    scheduler: scenario.scheduler,
    overlay: scenario.overlay,
    peers: viewersOf(scenario),
    seed,
    hash: simulation.hash.toString(16).padStart(8, "0"),
    continuityMean: mean(at2s),
    continuityP1: quantile(at2s, 0.01),
    continuityMin: Math.min(1, ...at2s),
    continuityIncumbents: mean(
      incumbents(simulation, honest)
        .map((viewer) => continuity(simulation, viewer, scenario.playoutMs))
        .filter(isKnown),
    ),
    continuity1200: mean(at1200),
    delayMsP50: delays.quantile(0.5),
    delayMsP95,
    delayMsP99: delays.quantile(0.99),
    floorMs,
    delayRatioP95: delayMsP95 / floorMs,
    sourceCopies,
    sourceCopiesBound: sourceCopiesBound(alive, uplinkSum),
    relayedCopies: during("relayedBytes") / during("copyBytes"),
    offload: 1 - sourceCopies / alive,
    offloadBound: offloadBound(alive),
    duplicateRatio: during("duplicate") / payload,
    controlRatio: during("controlWireBytes") / payload,
    rateEfficiency: Math.min(1, payload / (during("copyBytes") * honestOnAverage)),
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

function incumbents({ scenario }: Simulation, viewers: readonly SimPeer[]): SimPeer[] {
  const firstMs = Math.min(...scenario.incidents.map(({ atMs }) => atMs));
  return viewers.filter(({ record }) => record.joinedAtMs < firstMs);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function isKnown(value: number): boolean {
  return !Number.isNaN(value);
}
