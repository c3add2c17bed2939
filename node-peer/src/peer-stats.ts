import type { MeshStats, NeighborStats } from "#mesh";
import type { StreamId } from "#protocol";
import type { MeshPeerState } from "#transport";
import type { IntegersReport } from "./integers/integers-checker.ts";

/**
 * One line of `livemesh peer --json`. A contract: fields are added, never changed. What the player's
 * `getStats()` has too has the same name here. Sums are cumulative, times are in ms.
 */
export type PeerStats = {
  streamId: StreamId;
  state: MeshPeerState["phase"];
  uptimeMs: number;
  /** From the start to the first complete chunk; null until then. */
  startupMs: number | null;
  /** Now minus the source time of the newest chunk that was completed; null before the first. */
  latencyMs: number | null;
  /** How far behind the source chunks are waited for: `--latency`, more for a while after the start
   * and after a chunk was missed. */
  targetLatencyMs: number;
  /** Completed in time / given up. */
  chunks: MeshStats["chunks"];
  bytes: MeshStats["bytes"];
  blocks: MeshStats["blocks"];
  /** Open data channels to other peers. */
  neighbors: number;
  neighborList: NeighborStats[];
  /** Connections to the streaming server. */
  players: number;
  /** Of `test://integers`, what its check found so far; null for other streams. */
  integers: IntegersReport | null;
};

export type PeerStatsParts = {
  streamId: StreamId;
  state: MeshPeerState["phase"];
  uptimeMs: number;
  startupMs: number | undefined;
  latencyMs: number | undefined;
  targetLatencyMs: number;
  mesh: MeshStats;
  players: number;
  integers: IntegersReport | undefined;
};

export function peerStats({ mesh, ...parts }: PeerStatsParts): PeerStats {
  return {
    streamId: parts.streamId,
    state: parts.state,
    uptimeMs: Math.round(parts.uptimeMs),
    startupMs: rounded(parts.startupMs),
    latencyMs: rounded(parts.latencyMs),
    targetLatencyMs: Math.round(parts.targetLatencyMs),
    chunks: { ...mesh.chunks },
    bytes: { ...mesh.bytes },
    blocks: { ...mesh.blocks },
    neighbors: mesh.neighbors.length,
    neighborList: mesh.neighbors,
    players: parts.players,
    integers: parts.integers ?? null,
  };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}
