import { continuityOf } from "../continuity.ts";
import type { Simulation } from "../simulation.ts";

/** Between two lines, in ms of wall time; a terminal has one line that changes. */
const LINE_EVERY_MS = 5000;
const TERMINAL_EVERY_MS = 500;
/** Chunks of which continuity is told: a second. */
const RECENT_CHUNKS = 5;

/** How far a run is, by whichever model. */
export type RunState = {
  nowMs: number;
  durationMs: number;
  viewers: number;
  eventCount: number;
  /** Undefined where it is known at the end only. */
  continuity: number | undefined;
};

/** Says on standard error how far a run is. */
export class Progress {
  readonly #startedAtMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  #toldAtMs = this.#startedAtMs;

  /** @param state Only asked for when it is told. */
  everySecond(state: () => RunState): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < (this.#isTerminal ? TERMINAL_EVERY_MS : LINE_EVERY_MS)) return;
    this.#toldAtMs = nowMs;
    const line = progressLine(state(), nowMs - this.#startedAtMs);
    process.stderr.write(this.#isTerminal ? `\r${line}\x1b[K` : `${line}\n`);
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write("\r\x1b[K");
  }
}

/** @param wallMs Since the run began. */
export function progressLine(state: RunState, wallMs: number): string {
  const { nowMs, durationMs, viewers, eventCount, continuity } = state;
  const parts = [
    `${Math.round(nowMs / 1000)} of ${Math.round(durationMs / 1000)} s`,
    `${viewers} viewers`,
    `${Math.round(eventCount / wallMs)} k events/s`,
    `${(nowMs / wallMs).toFixed(1)} × real time`,
  ];
  if (continuity !== undefined) parts.push(`continuity ${(100 * continuity).toFixed(1)} %`);
  return parts.join(" · ");
}

export function stateOf(simulation: Simulation): RunState {
  const { nowMs, eventCount, scenario, aliveViewers } = simulation;
  const { durationMs } = scenario;
  const continuity = recentContinuity(simulation);
  return { nowMs, durationMs, viewers: aliveViewers.length, eventCount, continuity };
}

function recentContinuity(simulation: Simulation): number {
  const { scenario, nowMs, aliveViewers } = simulation;
  const last = Math.floor((nowMs - scenario.playoutMs) / scenario.stream.chunkMs) - 1;
  const viewers = aliveViewers.filter(({ misbehavior }) => misbehavior === undefined);
  let sum = 0;
  for (let i = 0; i < RECENT_CHUNKS; i++) sum += continuityOf(simulation, viewers, last - i);
  return sum / RECENT_CHUNKS;
}
