import type { PlayerStats } from "../player-stats.ts";

/** One second of watching. Rates in bit/s, times in ms; null where nothing was known. */
export type StatsSample = {
  atSec: number;
  fromPeersBps: number;
  fromSeederBps: number;
  fromOriginBps: number;
  uploadedBps: number;
  latencyMs: number | null;
  forwardBufferMs: number;
};

/** Two minutes: what fits a small chart. */
const SAMPLES_MAX = 120;

/** The last two minutes of statistics, one sample for each call. */
export class StatsHistory {
  readonly #samples: StatsSample[] = [];
  #last: { atMs: number; bytes: PlayerStats["bytes"] } | undefined;

  get samples(): readonly StatsSample[] {
    return this.#samples;
  }

  add(stats: PlayerStats, nowMs: number): void {
    const { bytes, latencyMs, forwardBufferMs } = stats;
    const last = this.#last;
    this.#last = { atMs: nowMs, bytes };
    if (last === undefined || nowMs <= last.atMs) return;
    // Sums that fell began anew with another `src`.
    const rate = (key: keyof PlayerStats["bytes"]) =>
      (Math.max(0, bytes[key] - last.bytes[key]) * 8000) / (nowMs - last.atMs);
    this.#samples.push({
      atSec: nowMs / 1000,
      fromPeersBps: rate("fromPeers"),
      fromSeederBps: rate("fromSeeder"),
      fromOriginBps: rate("fromOrigin"),
      uploadedBps: rate("uploaded"),
      latencyMs,
      forwardBufferMs,
    });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  clear(): void {
    this.#samples.length = 0;
    this.#last = undefined;
  }
}
