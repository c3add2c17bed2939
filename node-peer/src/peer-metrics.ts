import { Counter, Gauge, type Registry } from "prom-client";
import type { PeerStats } from "./peer-stats.ts";

type Figure = { name: string; help: string; read(stats: PeerStats): number };

const GAUGES: readonly Figure[] = [
  {
    name: "livemesh_peer_neighbors",
    help: "Open data channels to other peers",
    read: ({ neighbors }) => neighbors,
  },
  {
    name: "livemesh_peer_latency_seconds",
    help: "How far behind live this peer is",
    read: ({ latencyMs }) => (latencyMs ?? 0) / 1000,
  },
  {
    name: "livemesh_peer_players",
    help: "Players that get the stream from this peer",
    read: ({ players }) => players,
  },
];

const COUNTERS: readonly Figure[] = [
  {
    name: "livemesh_peer_chunks_delivered_total",
    help: "Chunks that were complete in time",
    read: ({ chunks }) => chunks.delivered,
  },
  {
    name: "livemesh_peer_chunks_missed_total",
    help: "Chunks that were given up",
    read: ({ chunks }) => chunks.missed,
  },
  {
    name: "livemesh_peer_rejected_blocks_total",
    help: "Blocks not believed: malformed, unrequested or not genuine",
    read: ({ blocks }) => blocks.rejected,
  },
];

/** What a headless peer knows of itself, read when Prometheus asks. */
export function registerPeerMetrics(metrics: Registry, stats: () => PeerStats): void {
  const registers = [metrics];
  for (const { name, help, read } of GAUGES) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(stats()));
      },
    });
  }
  for (const { name, help, read } of COUNTERS) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(stats()));
      },
    });
  }
  new Counter({
    name: "livemesh_peer_bytes_total",
    help: "Bytes by where they came from and went to",
    labelNames: ["path"],
    registers,
    collect() {
      this.reset();
      for (const [path, count] of Object.entries(stats().bytes)) this.inc({ path }, count);
    },
  });
}
