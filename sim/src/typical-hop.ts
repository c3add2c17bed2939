import { USUAL_BLOCK_PAYLOAD_BYTES } from "#protocol";
import type { Hop } from "./bounds.ts";
import { quantile } from "./measure.ts";
import { wireBytes } from "./network.ts";
import { seededRandom } from "./random.ts";
import type { Simulation } from "./simulation.ts";

/** Pairs of viewers whose latency is looked at. */
const PAIRS = 1001;

/** Transfer time by capacity-weighted uplink, and median latency, of this run (limits A3). */
export function typicalHop({ scenario, network, viewers }: Simulation): Hop {
  let sum = 0;
  let weighted = 0;
  for (const { host } of viewers) {
    sum += host.traits.uplinkBps;
    weighted += host.traits.uplinkBps ** 2;
  }
  const uplinkBps = sum === 0 ? scenario.stream.bitrateBps : weighted / sum;
  const latencies: number[] = [];
  const random = seededRandom(viewers.length);
  for (let i = 0; i < PAIRS; i++) {
    const a = viewers[Math.floor(random() * viewers.length)];
    const b = viewers[Math.floor(random() * viewers.length)];
    if (a === undefined || b === undefined || a === b) continue;
    latencies.push(network.oneWayMs(a.host.traits, b.host.traits));
  }
  return {
    transferMs: (wireBytes(USUAL_BLOCK_PAYLOAD_BYTES) * 8000) / uplinkBps,
    latencyMs: quantile(latencies, 0.5) || 0,
  };
}
