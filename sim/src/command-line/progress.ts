import { continuityOf } from "../continuity.ts";
import type { Simulation } from "../simulation.ts";

/** Between two lines, in ms of wall time; a terminal has one line that changes. */
const LINE_EVERY_MS = 5000;
const TERMINAL_EVERY_MS = 500;
/** Chunks of which continuity is told: a second. */
const RECENT_CHUNKS = 5;

/** Says on standard error how far a run is. */
export class Progress {
  readonly #startedAtMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  #toldAtMs = this.#startedAtMs;

  everySecond(simulation: Simulation): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < (this.#isTerminal ? TERMINAL_EVERY_MS : LINE_EVERY_MS)) return;
    this.#toldAtMs = nowMs;
    const line = progressLine(simulation, nowMs - this.#startedAtMs);
    process.stderr.write(this.#isTerminal ? `\r${line}\x1b[K` : `${line}\n`);
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write("\r\x1b[K");
  }
}

/** @param wallMs Since the run began. */
export function progressLine(simulation: Simulation, wallMs: number): string {
  const { nowMs, eventCount, scenario } = simulation;
  return [
    `${Math.round(nowMs / 1000)} of ${Math.round(scenario.durationMs / 1000)} s`,
    `${simulation.aliveViewers.length} viewers`,
    `${Math.round(eventCount / wallMs)} k events/s`,
    `${(nowMs / wallMs).toFixed(1)} × real time`,
    `continuity ${(100 * recentContinuity(simulation)).toFixed(1)} %`,
  ].join(" · ");
}

function recentContinuity(simulation: Simulation): number {
  const { chunkMs } = simulation.scenario.stream;
  const last = Math.floor((simulation.nowMs - simulation.scenario.playoutMs) / chunkMs) - 1;
  const viewers = simulation.aliveViewers.filter((viewer) => viewer.misbehavior === undefined);
  let sum = 0;
  for (let i = 0; i < RECENT_CHUNKS; i++) sum += continuityOf(simulation, viewers, last - i);
  return sum / RECENT_CHUNKS;
}
