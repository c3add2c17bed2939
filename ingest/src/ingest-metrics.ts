import { Counter, Gauge, type Registry } from "prom-client";
import type { Origin } from "./origin.ts";
import type { Publisher } from "./publisher.ts";
import type { Seeder } from "./seeder.ts";

/** What is measured of one stream. */
export type MeasuredStream = { publisher: Publisher; origin: Origin; seeder: Seeder };

type Figure = { name: string; help: string; read(stream: MeasuredStream): number };

const GAUGES: readonly Figure[] = [
  {
    name: "livemesh_seeder_neighbors",
    help: "Open links of the seeder",
    read: ({ seeder }) => seeder.stats().neighbors.length,
  },
  {
    name: "livemesh_origin_held_requests",
    help: "Requests held for coming chunks",
    read: ({ origin }) => origin.heldRequests,
  },
  {
    name: "livemesh_origin_window_bytes",
    help: "Bytes of blocks kept for the origin",
    read: ({ publisher }) => publisher.window.sizeBytes,
  },
  {
    name: "livemesh_stream_live",
    help: "1 while an encoder is connected",
    read: ({ publisher }) => +publisher.descriptor.isLive,
  },
];

const VERIFY_FAILURES: Figure = {
  name: "livemesh_block_verify_failures_total",
  help: "Blocks sent to the seeder that were malformed, unrequested or not genuine",
  read: ({ seeder }) => seeder.stats().blocks.rejected,
};

/**
 * What the ingest knows of its streams and the tracker is not told, by stream id. Bytes by path,
 * chunks and blocks are the tracker's to report; a process without one has no use for them twice.
 */
export class IngestMetrics {
  readonly #streams = new Set<MeasuredStream>();

  constructor(metrics: Registry) {
    const labelNames = ["stream"];
    const streams = this.#streams;
    for (const { name, help, read } of GAUGES) {
      new Gauge({
        name,
        help,
        labelNames,
        registers: [metrics],
        collect() {
          this.reset();
          for (const stream of streams) this.set({ stream: idOf(stream) }, read(stream));
        },
      });
    }
    const { name, help, read } = VERIFY_FAILURES;
    new Counter({
      name,
      help,
      labelNames,
      registers: [metrics],
      collect() {
        this.reset();
        for (const stream of streams) this.inc({ stream: idOf(stream) }, read(stream));
      },
    });
  }

  /** @returns What takes the stream out again. */
  add(stream: MeasuredStream): () => void {
    this.#streams.add(stream);
    return () => this.#streams.delete(stream);
  }
}

function idOf({ publisher }: MeasuredStream): string {
  return publisher.streamId;
}
