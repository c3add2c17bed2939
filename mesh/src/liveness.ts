import type { PeerId } from "#protocol";
import type { MeshContext } from "./context.ts";
import type { Part } from "./part.ts";

/** Round trips are measured about this often, in ms, all neighbors together: they show our uplink's queue. */
const MEASURE_MS = 600;
/** A step that comes this much after the last one means that we slept, not that others did. */
const OWN_SLEEP_MS = 1000;
/** The same for two steps within {@link FORGIVE_MS} that came this much after they were due, in ms:
 * a machine with more to do than it can. */
const OWN_DELAY_MS = 250;
/** How long messages that waited meanwhile may take to be worked off, in ms. */
const FORGIVE_MS = 5000;

/** Who is still there, and whether it is we who were away. */
export class Liveness implements Part {
  readonly #context: MeshContext;
  readonly #drop: (peer: PeerId) => void;
  #lastStepMs: number | undefined;
  #lastDelayMs = Number.NEGATIVE_INFINITY;
  dueAtMs = 0;

  /** @param drop Parts from a neighbor that is silent. */
  constructor(context: MeshContext, drop: (peer: PeerId) => void) {
    this.#context = context;
    this.#drop = drop;
  }

  housekeep(): void {
    const { nowMs, options, neighbors } = this.#context;
    const measureAfterMs = MEASURE_MS * Math.max(2, neighbors.size);
    for (const neighbor of [...neighbors.values()]) {
      if (nowMs - neighbor.lastHeardMs >= options.deadAfterMs) {
        this.#drop(neighbor.peer);
        continue;
      }
      const token = neighbor.takePing(nowMs, options.pingAfterMs, measureAfterMs);
      if (token !== undefined) this.#context.send(neighbor.peer, { type: "ping", token });
    }
    this.dueAtMs =
      neighbors.size === 0 ? Number.POSITIVE_INFINITY : nowMs + options.pingAfterMs / 2;
  }

  /** There is a neighbor to watch. */
  met(): void {
    this.dueAtMs = Math.min(this.dueAtMs, this.#context.nowMs);
  }

  /**
   * A frozen tab or a busy main thread must not make all neighbors look dead.
   * @param dueAtMs When this step should have come at the latest.
   */
  forgiveOwnSleep(nowMs: number, dueAtMs: number): void {
    const sleptMs = nowMs - (this.#lastStepMs ?? nowMs);
    const isDelayed = this.#lastStepMs !== undefined && nowMs - dueAtMs > OWN_DELAY_MS;
    this.#lastStepMs = nowMs;
    if (isDelayed) {
      const isOverloaded = nowMs - this.#lastDelayMs < FORGIVE_MS;
      if (isOverloaded) this.#context.forgiveUntilMs = nowMs + FORGIVE_MS;
      this.#lastDelayMs = nowMs;
    }
    if (sleptMs < OWN_SLEEP_MS) return;
    this.#context.forgiveUntilMs = nowMs + FORGIVE_MS;
    for (const neighbor of this.#context.neighbors.values()) neighbor.lastHeardMs += sleptMs;
  }
}
