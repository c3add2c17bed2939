import type { MeshAction, MeshEngineConfig, MeshEvent } from "#mesh";
import type { MeshEngineLike } from "../mesh-peer/engine-driver.ts";
import { NO_STATS } from "../mesh-peer/no-stats.ts";

/** An engine that does what the test says, and writes down what it was told. */
export class ScriptedEngine implements MeshEngineLike {
  readonly config: MeshEngineConfig;
  readonly steps: { event: MeshEvent; nowMs: number }[] = [];
  wakeAtMs = Number.POSITIVE_INFINITY;
  /** What to answer to an event; nothing by default. */
  respond: (event: MeshEvent) => MeshAction[] = () => [];

  constructor(config: MeshEngineConfig) {
    this.config = config;
  }

  step(event: MeshEvent, nowMs: number): MeshAction[] {
    this.steps.push({ event, nowMs });
    return this.respond(event);
  }

  stats() {
    return NO_STATS;
  }

  get events(): MeshEvent[] {
    return this.steps.map(({ event }) => event);
  }

  ofType<T extends MeshEvent["type"]>(type: T): Extract<MeshEvent, { type: T }>[] {
    return this.events.filter(
      (event): event is Extract<MeshEvent, { type: T }> => event.type === type,
    );
  }
}
