import type { Simulation } from "../simulation.ts";
import { type Snapshot, snapshot } from "../snapshot.ts";

/** What happened within one second of virtual time, as ratios. */
export type Second = {
  atMs: number;
  viewers: number;
  /** Bytes from seeder and origin over what one copy of the stream takes. */
  sourceCopies: number;
  duplicateRatio: number;
  controlRatio: number;
};

/** Writes down a run second by second, for its curves. */
export class SeriesRecorder {
  readonly seconds: Second[] = [];
  #last: Snapshot | undefined;

  /** To be called after every second of virtual time. */
  note(simulation: Simulation): void {
    const now = snapshot(simulation);
    const last = this.#last;
    this.#last = now;
    if (last === undefined) return;
    const during = (key: keyof Snapshot) => now[key] - last[key];
    const received = Math.max(1, during("received"));
    const sent = during("seederBytes") + during("sourceOther");
    this.seconds.push({
      atMs: simulation.nowMs,
      viewers: simulation.aliveViewers.length,
      sourceCopies: sent / Math.max(1, during("copyBytes")),
      duplicateRatio: during("duplicate") / received,
      controlRatio: during("controlWireBytes") / received,
    });
  }
}
