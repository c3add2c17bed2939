import type { Simulation } from "./simulation.ts";

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
  const totals = {
    received: 0,
    duplicate: 0,
    controlBytes: 0,
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
    totals.controlBytes += bytes.control / 2;
    totals.blocks += blocks.received;
    totals.repaired += blocks.repaired;
    totals.rejected += blocks.rejected;
  }
  const { origin, seeder, media, controlMessages } = simulation;
  return {
    ...totals,
    controlMessages,
    copyBytes: media.copyBytes,
    seederBytes: seeder.engine.stats().bytes.uploaded,
    sourceOther: origin.bytes.chunks + origin.bytes.join,
  };
}
