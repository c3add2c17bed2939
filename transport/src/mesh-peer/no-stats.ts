import type { MeshStats } from "#mesh";

/** Before there is an engine. */
export const NO_STATS: MeshStats = {
  bytes: { fromPeers: 0, fromSeeder: 0, fromOrigin: 0, uploaded: 0, duplicate: 0, control: 0 },
  blocks: { received: 0, rejected: 0, repaired: 0 },
  chunks: { delivered: 0, missed: 0 },
  uplink: { budgetBps: 0, promisedBps: 0 },
  stripes: [],
  neighbors: [],
};
