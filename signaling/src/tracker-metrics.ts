import { Counter, collectDefaultMetrics, Gauge, Registry as MetricsRegistry } from "prom-client";
import type { Cluster } from "./cluster/index.ts";
import type { Registry } from "./registry.ts";
import type { TrackerCounters } from "./tracker-counters.ts";

/** Process figures and nothing else; others register theirs in it. */
export function createMetrics(): MetricsRegistry {
  const metrics = new MetricsRegistry();
  collectDefaultMetrics({ register: metrics });
  return metrics;
}

export type MeasuredParts = {
  registry: Registry;
  counters: TrackerCounters;
  cluster: Pick<Cluster, "trackerCount" | "isFollowing"> | undefined;
};

/** Everything is read when Prometheus asks. Labels are bounded by the streams listed. */
export function registerTrackerMetrics(
  metrics: MetricsRegistry,
  { registry, counters, cluster }: MeasuredParts,
): void {
  registerStreamMetrics(metrics, registry);
  if (cluster !== undefined) registerClusterMetrics(metrics, cluster);
  const registers = [metrics];
  new Gauge({
    name: "livemesh_tracker_sockets",
    help: "Sockets open now",
    registers,
    collect() {
      this.set(counters.sockets);
    },
  });
  new Counter({
    name: "livemesh_tracker_joins_total",
    help: "Announces answered with yes, those after a reconnect included",
    registers,
    collect() {
      this.reset();
      this.inc(counters.joins);
    },
  });
  new Counter({
    name: "livemesh_tracker_relayed_total",
    help: "Offers, answers and candidates relayed between peers",
    registers,
    collect() {
      this.reset();
      this.inc(counters.relayed);
    },
  });
  new Counter({
    name: "livemesh_tracker_reports_total",
    help: "Times a peer said of another that it sent forged blocks",
    registers,
    collect() {
      this.reset();
      this.inc(counters.reports);
    },
  });
  new Gauge({
    name: "livemesh_tracker_reported_peers",
    help: "Peers here that so many networks report that they are introduced last",
    registers,
    collect() {
      this.set(registry.suspectCount());
    },
  });
  new Counter({
    name: "livemesh_tracker_refusals_total",
    help: "Messages refused, by code",
    labelNames: ["code"],
    registers,
    collect() {
      this.reset();
      for (const [code, count] of counters.refusals) this.inc({ code }, count);
    },
  });
  new Counter({
    name: "livemesh_tracker_dropped_sockets_total",
    help: "Sockets closed or turned away for breaking a limit",
    registers,
    collect() {
      this.reset();
      this.inc(counters.droppedSockets);
    },
  });
  new Counter({
    name: "livemesh_publish_verify_failures_total",
    help: "Publish messages with a wrong key, signature or proof",
    registers,
    collect() {
      this.reset();
      this.inc(counters.verifyFailures);
    },
  });
}

function registerClusterMetrics(
  metrics: MetricsRegistry,
  cluster: NonNullable<MeasuredParts["cluster"]>,
): void {
  const gauges: [string, string, () => number][] = [
    ["livemesh_cluster_trackers", "Other trackers heard of", () => cluster.trackerCount],
    ["livemesh_cluster_redis_up", "1 while Redis answers", () => +cluster.isFollowing],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  }
}

function registerStreamMetrics(metrics: MetricsRegistry, registry: Registry): void {
  const registers = [metrics];
  const labelNames = ["stream"] as const;
  new Gauge({
    name: "livemesh_stream_viewers",
    help: "Viewers in the stream's swarm",
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { descriptor, swarm } of registry.listed()) {
        this.set({ stream: descriptor.streamId }, swarm.viewerCount);
      }
    },
  });
  new Counter({
    name: "livemesh_stream_bytes_total",
    help: "Bytes by path: one copy of all published blocks, block bytes sent by the seeder, bytes sent by the origin, the seeder's other messages",
    labelNames: ["stream", "path"],
    registers,
    collect() {
      this.reset();
      for (const { descriptor, stats } of registry.listed()) {
        for (const [path, count] of Object.entries(stats.bytes)) {
          this.inc({ stream: descriptor.streamId, path }, count);
        }
      }
    },
  });
  for (const unit of ["chunks", "blocks"] as const) {
    new Counter({
      name: `livemesh_stream_${unit}_total`,
      help: `${unit === "chunks" ? "Chunks" : "Blocks"} published`,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const { descriptor, stats } of registry.listed()) {
          this.inc({ stream: descriptor.streamId }, stats[unit]);
        }
      },
    });
  }
}
