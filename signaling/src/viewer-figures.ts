import { Counter, Histogram, type Registry as MetricsRegistry } from "prom-client";
import { ICE_FAILURE_STAGES, type StreamId, type ViewerStats } from "#protocol";

/** About a second is what we are for; the rest tells how far off a viewer is. */
const LATENCY_BUCKETS_SEC = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 5, 10, 30];
/** Of the ten seconds between two reports. */
const STALL_BUCKETS_SEC = [0, 0.1, 0.25, 0.5, 1, 2, 5, 10];

/** What viewers say of their watching, by stream, for Prometheus. Who said it is not kept. */
export class ViewerFigures {
  readonly #latency: Histogram<"stream">;
  readonly #stalled: Histogram<"stream">;
  readonly #stalls: Counter<"stream">;
  readonly #bytes: Counter<"stream" | "path">;
  readonly #rejected: Counter<"stream">;
  readonly #iceFailures: Counter<"stage">;

  constructor(metrics: MetricsRegistry) {
    const registers = [metrics];
    const labelNames = ["stream"] as const;
    this.#latency = new Histogram({
      name: "livemesh_viewer_latency_seconds",
      help: "How far behind live viewers are, each about every 10 s",
      buckets: LATENCY_BUCKETS_SEC,
      labelNames,
      registers,
    });
    this.#stalled = new Histogram({
      name: "livemesh_viewer_stalled_seconds",
      help: "For how long a viewer stood still in the 10 s of a report",
      buckets: STALL_BUCKETS_SEC,
      labelNames,
      registers,
    });
    this.#stalls = new Counter({
      name: "livemesh_viewer_stalls_total",
      help: "Times that viewers stood still",
      labelNames,
      registers,
    });
    this.#bytes = new Counter({
      name: "livemesh_viewer_bytes_total",
      help: "Block bytes of viewers: what came from peers, seeder and origin, and what was uploaded to peers",
      labelNames: ["stream", "path"],
      registers,
    });
    this.#rejected = new Counter({
      name: "livemesh_viewer_rejected_blocks_total",
      help: "Blocks that viewers did not believe: malformed, unrequested or not genuine",
      labelNames,
      registers,
    });
    this.#iceFailures = new Counter({
      name: "livemesh_ice_failures_total",
      help: "Tries to connect two peers that came to nothing, by the stage they ended at",
      labelNames: ["stage"],
      registers,
    });
    for (const stage of ICE_FAILURE_STAGES) this.#iceFailures.inc({ stage }, 0);
  }

  note(stream: StreamId, stats: ViewerStats): void {
    const { latencyMs, stalls, bytes, rejectedBlocks, iceFailures = {} } = stats;
    if (latencyMs !== undefined) this.#latency.observe({ stream }, latencyMs / 1000);
    this.#stalled.observe({ stream }, stalls.totalMs / 1000);
    this.#stalls.inc({ stream }, stalls.count);
    this.#rejected.inc({ stream }, rejectedBlocks);
    for (const [path, count] of Object.entries(bytes)) this.#bytes.inc({ stream, path }, count);
    for (const [stage, count] of Object.entries(iceFailures)) {
      this.#iceFailures.inc({ stage }, count);
    }
  }

  /** Labels are bounded by the streams there are. */
  forget(stream: StreamId): void {
    for (const metric of [this.#latency, this.#stalled, this.#stalls, this.#rejected]) {
      metric.remove({ stream });
    }
    for (const path of ["peers", "seeder", "origin", "uploaded"]) {
      this.#bytes.remove({ stream, path });
    }
  }
}
