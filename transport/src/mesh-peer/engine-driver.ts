import type { MeshAction, MeshEngine, MeshEvent, MeshStats } from "#mesh";
import type { Clock } from "../clock.ts";
import { Alarm } from "./alarm.ts";
import { NO_STATS } from "./no-stats.ts";

/** The engine as its driver sees it. */
export type MeshEngineLike = Pick<MeshEngine, "step" | "wakeAtMs" | "stats">;

/** Events kept for the engine that does not exist yet: a few introductions and a join response. */
const EARLY_EVENTS_MAX = 256;

/**
 * Runs one engine: events in, with the time; actions out, all of one step before the next step;
 * ticks when they are due.
 */
export class EngineDriver {
  readonly #clock: Clock;
  readonly #perform: (action: MeshAction) => void;
  readonly #alarm: Alarm;
  #events: MeshEvent[] = [];
  #engine: MeshEngineLike | undefined;
  #isDriving = false;
  #isStopped = false;

  constructor(clock: Clock, perform: (action: MeshAction) => void) {
    this.#clock = clock;
    this.#perform = perform;
    this.#alarm = new Alarm(clock, () => this.feed({ type: "tick" }));
  }

  get isRunning(): boolean {
    return this.#engine !== undefined;
  }

  /** @param first Comes before everything that was fed so far. */
  start(engine: MeshEngineLike, first: MeshEvent): void {
    this.#engine = engine;
    this.#events.unshift(first);
    this.#drive(engine);
  }

  /** Before `start`, events wait for the engine. */
  feed(event: MeshEvent): void {
    if (this.#isStopped) return;
    this.#events.push(event);
    if (this.#engine !== undefined) this.#drive(this.#engine);
    else if (this.#events.length > EARLY_EVENTS_MAX) this.#events.shift();
  }

  /** The last event is fed, nothing is performed any more. */
  stop(): void {
    this.#isStopped = true;
    this.#alarm.clear();
    this.#events = [];
  }

  stats(): MeshStats {
    return this.#engine?.stats() ?? NO_STATS;
  }

  /** An action may cause the next event at once; that one waits until the step is performed. */
  #drive(engine: MeshEngineLike): void {
    if (this.#isDriving) return;
    this.#isDriving = true;
    try {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
        for (const action of engine.step(event, this.#clock.nowMs())) this.#perform(action);
      }
    } finally {
      this.#isDriving = false;
    }
    if (!this.#isStopped) this.#alarm.set(engine.wakeAtMs);
  }
}
