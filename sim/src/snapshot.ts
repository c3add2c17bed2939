import { wireBytes } from "./network.ts";
import type { Simulation } from "./simulation.ts";

/** What a small message costs beyond itself. */
const MESSAGE_OVERHEAD_BYTES = wireBytes(1) - 1;

/** Counters at one moment, to tell the measured window from what was before. */
export type Snapshot = {
  copyBytes: number;
  seederBytes: number;
  sourceOther: number;
  relayedBytes: number;
  received: number;
  duplicate: number;
  /** Of all messages that are not blocks, on the wire. */
  controlWireBytes: number;
  blocks: number;
  repaired: number;
  rejected: number;
};

export function snapshot(simulation: Simulation): Snapshot {
  const totals = {
    received: 0,
    duplicate: 0,
    controlWireBytes: 0,
    blocks: 0,
    repaired: 0,
    rejected: 0,
  };
  // Also those who left: what they got was sent.
  for (const { engine, misbehavior } of simulation.viewers) {
    if (misbehavior !== undefined) continue;
    const { bytes, blocks } = engine.stats();
    totals.received += bytes.fromPeers + bytes.fromSeeder + bytes.fromOrigin;
    totals.duplicate += bytes.duplicate;
    // Each message is counted where it was sent and where it was received.
    totals.controlWireBytes += bytes.control / 2;
    totals.blocks += blocks.received;
    totals.repaired += blocks.repaired;
    totals.rejected += blocks.rejected;
  }
  const { origin, seeder, media, network, controlMessages } = simulation;
  return {
    ...totals,
    controlWireBytes: totals.controlWireBytes + controlMessages * MESSAGE_OVERHEAD_BYTES,
    copyBytes: media.copyBytes,
    seederBytes: seeder.engine.stats().bytes.uploaded,
    sourceOther: origin.bytes.chunks + origin.bytes.join,
    relayedBytes: network.relayedBytes,
  };
}
