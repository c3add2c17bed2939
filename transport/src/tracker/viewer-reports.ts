import type { MeshStats } from "#mesh";
import type { IceFailureStage, ViewerStats } from "#protocol";
import { type Clock, systemClock } from "../clock.ts";

/** Pause between two reports, in ms: often enough for a chart, one small message of a peer's budget. */
const PAUSE_MS = 10_000;

export type Viewing = {
  /** Behind live, in ms; undefined while nothing plays. */
  latencyMs: number | undefined;
  /** Cumulative. */
  stalls: { count: number; totalMs: number };
};

export type ViewerReportsConfig = {
  /** Whoever takes the reports: a tracker client. */
  send: (stats: ViewerStats) => void;
  mesh: () => MeshStats | undefined;
  viewing: () => Viewing;
  clock?: Clock;
};

type Sums = ViewerStats["bytes"] & { count: number; totalMs: number; rejected: number };

/**
 * Tells the tracker now and then how watching goes, without saying who watches: what came since the last
 * report, for the operator's charts. A report that is lost is not made up for.
 */
export class ViewerReports {
  readonly #config: ViewerReportsConfig;
  readonly #iceFailures = new Map<IceFailureStage, number>();
  #before: Sums | undefined;
  #cancel: () => void = () => {};

  constructor(config: ViewerReportsConfig) {
    this.#config = config;
  }

  start(): void {
    this.#cancel = (this.#config.clock ?? systemClock).after(PAUSE_MS, () => {
      this.#report();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  noteIceFailure(stage: IceFailureStage): void {
    this.#iceFailures.set(stage, (this.#iceFailures.get(stage) ?? 0) + 1);
  }

  #report(): void {
    const mesh = this.#config.mesh();
    if (mesh === undefined) return;
    const { latencyMs, stalls } = this.#config.viewing();
    const { fromPeers: peers, fromSeeder: seeder, fromOrigin: origin, uploaded } = mesh.bytes;
    const { rejected } = mesh.blocks;
    const now: Sums = { peers, seeder, origin, uploaded, ...stalls, rejected };
    const before = this.#before;
    this.#before = now;
    const since = (name: keyof Sums) => Math.max(0, Math.round(now[name] - (before?.[name] ?? 0)));
    const failures = Object.fromEntries(this.#iceFailures);
    this.#iceFailures.clear();
    this.#config.send({
      ...(latencyMs !== undefined && { latencyMs: Math.max(0, Math.round(latencyMs)) }),
      stalls: { count: since("count"), totalMs: since("totalMs") },
      bytes: {
        peers: since("peers"),
        seeder: since("seeder"),
        origin: since("origin"),
        uploaded: since("uploaded"),
      },
      rejectedBlocks: since("rejected"),
      ...(Object.keys(failures).length > 0 && { iceFailures: failures }),
    });
  }
}
