import { USUAL_BLOCK_PAYLOAD_BYTES } from "#protocol";
import { offloadBound, postalFloorMs, sourceCopiesBound } from "../bounds.ts";
import type { Cost } from "../cost.ts";
import { averageCount, gini, quantile } from "../measure.ts";
import { wireBytes } from "../network.ts";
import { seededRandom } from "../random.ts";
import type { RunResult } from "../result.ts";
import { viewersOf } from "../scenario-variants.ts";
import { FlatContinuity } from "./flat-continuity.ts";
import type { FlatSwarm } from "./flat-swarm.ts";

/** As in ../typical-hop.ts. */
const PAIRS = 1001;
/** A viewer that has been there for this long, in ms, ought to have a picture. */
const OUGHT_TO_PLAY_MS = 10_000;
/** The other latency continuity is told at, in ms. */
const SHORT_PLAYOUT_MS = 1200;

/** Counters at one moment, to tell the measured window from what was before. */
export type FlatSnapshot = ReturnType<typeof flatSnapshot>;

export function flatSnapshot({ record, uploads, network, plan, wheel }: FlatSwarm) {
  let copyBytes = 0;
  const published = Math.floor(wheel.nowMs / plan.chunkMs);
  for (let sequence = 0; sequence <= published; sequence++) {
    copyBytes += plan.chunkBytes[sequence] as number;
  }
  return {
    copyBytes,
    sourceBytes: (uploads.sentBytes[0] as number) + record.originBytes,
    received: record.receivedBytes,
    duplicate: record.duplicateBytes,
    controlWireBytes: network.controlWireBytes,
    blocks: record.blocks,
    repaired: record.repaired,
  };
}

/** The figures of a finished run, as ../result.ts has them. */
export function flatResultOf(
  swarm: FlatSwarm,
  seed: number,
  before: FlatSnapshot,
  cost: Cost,
): RunResult {
  const { scenario, record, peers, wheel } = swarm;
  const after = flatSnapshot(swarm);
  const during = (key: keyof FlatSnapshot) => after[key] - before[key];
  const viewers = Array.from({ length: peers.count - 1 }, (_, i) => i + 1);
  const alive = peers.aliveViewers();
  const aliveCount = Math.max(1, alive.length);
  const continuity = new FlatContinuity(swarm);
  const inTime = continuity.shares(viewers, scenario.playoutMs);
  const inShortTime = continuity.shares(viewers, SHORT_PLAYOUT_MS);
  const startups = viewers.map((peer) => record.startupMs[peer] as number);
  const isLong = (peer: number) =>
    (peers.joinedAtMs[peer] as number) + OUGHT_TO_PLAY_MS <
    Math.min(peers.leftAtMs[peer] as number, wheel.nowMs);
  const floorMs = postalFloorMs(aliveCount + 1, typicalHop(swarm));
  const sourceCopies = during("sourceBytes") / during("copyBytes");
  const delayMsP95 = record.delays.quantile(0.95);
  const payload = during("received");
  const uplinks = alive.map((peer) => peers.uplinkBps[peer] as number);
  const uplinkSum = uplinks.reduce((sum, bps) => sum + bps, 0) / scenario.stream.bitrateBps;
  const viewersOnAverage = averageCount(
    viewers.map((peer) => [peers.joinedAtMs[peer] as number, peers.leftAtMs[peer] as number]),
    [scenario.measureFromMs, wheel.nowMs],
  );
  return {
    scenario: scenario.name,
    scheduler: scenario.scheduler,
    overlay: scenario.overlay,
    peers: viewersOf(scenario),
    seed,
    hash: record.hash.toString(16).padStart(8, "0"),
    continuityMean: mean(inTime),
    continuityP1: quantile(inTime, 0.01),
    continuityMin: inTime.reduce((least, share) => Math.min(least, share), 1),
    continuityIncumbents: mean(continuity.shares(incumbents(swarm, viewers), scenario.playoutMs)),
    continuity1200: mean(inShortTime),
    delayMsP50: record.delays.quantile(0.5),
    delayMsP95,
    delayMsP99: record.delays.quantile(0.99),
    floorMs,
    delayRatioP95: delayMsP95 / floorMs,
    sourceCopies,
    sourceCopiesBound: sourceCopiesBound(aliveCount, uplinkSum),
    relayedCopies: 0,
    offload: 1 - sourceCopies / aliveCount,
    offloadBound: offloadBound(aliveCount),
    duplicateRatio: during("duplicate") / payload,
    controlRatio: during("controlWireBytes") / payload,
    rateEfficiency: Math.min(1, payload / (during("copyBytes") * viewersOnAverage)),
    startupMsP50: quantile(startups.filter(isStarted), 0.5),
    startupMsP95: quantile(startups.filter(isStarted), 0.95),
    neverStarted: viewers.filter((peer) => isLong(peer) && !isStarted(startups[peer - 1] as number))
      .length,
    stallsPerHour: continuity.stallsPerHour(viewers),
    recoveryMs: continuity.recoveryMs(),
    uploadGini: gini(alive.map((peer) => peers.sentBytes[peer] as number)),
    repairedRatio: during("repaired") / during("blocks"),
    rejectedBlocks: 0,
    pollutedRelays: 0,
    violations: [],
    eventCount: swarm.eventCount,
    ...cost,
  };
}

/** Who was there before the first incident; everybody if there is none. */
function incumbents({ scenario, peers }: FlatSwarm, viewers: readonly number[]): number[] {
  const firstMs = Math.min(...scenario.incidents.map(({ atMs }) => atMs));
  return viewers.filter((peer) => (peers.joinedAtMs[peer] as number) < firstMs);
}

function typicalHop({ scenario, network, peers }: FlatSwarm) {
  let sum = 0;
  let weighted = 0;
  for (let peer = 1; peer < peers.count; peer++) {
    const uplinkBps = peers.uplinkBps[peer] as number;
    sum += uplinkBps;
    weighted += uplinkBps ** 2;
  }
  const uplinkBps = sum === 0 ? scenario.stream.bitrateBps : weighted / sum;
  const latencies: number[] = [];
  const viewers = peers.count - 1;
  const random = seededRandom(viewers);
  for (let i = 0; i < PAIRS; i++) {
    const a = 1 + Math.floor(random() * viewers);
    const b = 1 + Math.floor(random() * viewers);
    if (a !== b) latencies.push(network.oneWayMs(a, b));
  }
  return {
    transferMs: (wireBytes(USUAL_BLOCK_PAYLOAD_BYTES) * 8000) / uplinkBps,
    latencyMs: quantile(latencies, 0.5) || 0,
  };
}

function isStarted(startupMs: number): boolean {
  return startupMs >= 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
