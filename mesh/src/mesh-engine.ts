import type { PeerId, Role, StreamDescriptor } from "#protocol";
import type { MeshAction, MeshEvent } from "./events.ts";
import type { MeshOptions } from "./options.ts";
import type { MeshStats } from "./stats.ts";

export type MeshEngineConfig = {
  self: PeerId;
  role: Role;
  /** Signature already checked. */
  descriptor: StreamDescriptor;
  /** What neighbors with an older revision are sent. */
  signedDescriptor: { body: Uint8Array; signature: Uint8Array };
  /** Uniform in [0, 1). Seeded in tests and simulations. */
  random: () => number;
  options?: Partial<MeshOptions>;
};

/** What one peer of a swarm does. Events and the time come in, actions go out. */
export class MeshEngine {
  constructor(_config: MeshEngineConfig) {}

  /** When to feed the next `tick` at the latest, in the same clock as `nowMs`. */
  get wakeAtMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  /**
   * Apply one event. The driver's law: perform every returned action, in order, before the next
   * step. `nowMs` is monotonic.
   */
  step(_event: MeshEvent, _nowMs: number): MeshAction[] {
    return [];
  }

  stats(): MeshStats {
    throw new Error("not yet");
  }
}
