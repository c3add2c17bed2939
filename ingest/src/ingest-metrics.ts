import { Counter, Gauge, type Registry } from "prom-client";
import type { Origin } from "./origin.ts";
import type { Publisher } from "./publisher.ts";
import type { Seeder } from "./seeder.ts";

/**
 * What the ingest knows and the tracker is not told. Bytes by path, chunks and blocks are the
 * tracker's to report; a process without one has no use for them twice.
 */
export function registerIngestMetrics(
  metrics: Registry,
  parts: { publisher: Publisher; origin: Origin; seeder: Seeder },
): void {
  const { publisher, origin, seeder } = parts;
  const gauges: [string, string, () => number][] = [
    [
      "livemesh_seeder_neighbors",
      "Open links of the seeder",
      () => seeder.stats().neighbors.length,
    ],
    ["livemesh_origin_held_requests", "Requests held for coming chunks", () => origin.heldRequests],
    [
      "livemesh_origin_window_bytes",
      "Bytes of blocks kept for the origin",
      () => publisher.window.sizeBytes,
    ],
    ["livemesh_stream_live", "1 while an encoder is connected", () => +publisher.descriptor.isLive],
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
  new Counter({
    name: "livemesh_block_verify_failures_total",
    help: "Blocks sent to the seeder that were malformed, unrequested or not genuine",
    registers: [metrics],
    collect() {
      this.reset();
      this.inc(seeder.stats().blocks.rejected);
    },
  });
}
