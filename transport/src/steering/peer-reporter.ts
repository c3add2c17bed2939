import type { MeshStats } from "#mesh";
import type { PeerReport } from "#protocol";
import type { Viewing } from "../tracker/index.ts";
import { NeighborFlows } from "./neighbor-flows.ts";

type Sums = PeerReport["bytes"] & {
  count: number;
  totalMs: number;
  delivered: number;
  missed: number;
  rejected: number;
};

/** Counts of events beyond this in one report are cut: the tracker takes no more. */
const EVENTS_MAX = 10_000;

/** Makes reports: each tells what happened since the one before, the first since it was made. */
export class PeerReporter {
  readonly #flows = new NeighborFlows();
  #before: Sums;
  #atMs: number;

  constructor(mesh: MeshStats, viewing: Viewing, nowMs: number) {
    this.#before = sumsOf(mesh, viewing);
    this.#atMs = nowMs;
    this.#flows.since(mesh.neighbors);
  }

  report(mesh: MeshStats, viewing: Viewing, nowMs: number): PeerReport {
    const spanMs = Math.max(1, Math.round(nowMs - this.#atMs));
    const before = this.#before;
    const now = sumsOf(mesh, viewing);
    this.#atMs = nowMs;
    this.#before = now;
    const since = (name: keyof Sums) => Math.max(0, Math.round(now[name] - before[name]));
    const events = (name: keyof Sums) => Math.min(EVENTS_MAX, since(name));
    const { latencyMs } = viewing;
    return {
      spanMs,
      ...(latencyMs !== undefined && { latencyMs: Math.max(0, Math.round(latencyMs)) }),
      stalls: { count: events("count"), totalMs: since("totalMs") },
      bytes: {
        peers: since("peers"),
        seeder: since("seeder"),
        origin: since("origin"),
        uploaded: since("uploaded"),
      },
      chunks: { delivered: since("delivered"), missed: since("missed") },
      rejectedBlocks: events("rejected"),
      uplink: {
        budgetBps: Math.round(mesh.uplink.budgetBps),
        promisedBps: Math.round(mesh.uplink.promisedBps),
      },
      neighborCount: mesh.neighbors.length,
      neighbors: this.#flows.since(mesh.neighbors),
    };
  }
}

function sumsOf({ bytes, chunks, blocks }: MeshStats, { stalls }: Viewing): Sums {
  const { fromPeers: peers, fromSeeder: seeder, fromOrigin: origin, uploaded } = bytes;
  return { peers, seeder, origin, uploaded, ...stalls, ...chunks, rejected: blocks.rejected };
}
