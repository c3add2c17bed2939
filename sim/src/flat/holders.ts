import type { FlatWorld } from "./flat-world.ts";
import type { Requests } from "./requests.ts";
import { sequenceOf } from "./stream-plan.ts";

/** As in mesh/src/repair.ts, by the same names. */
const IN_FLIGHT_PER_HOLDER = 32;
const SEEDER_AHEAD_MS = 600;
const PRESUMED_MS = 100;
const PROMISE_HALF_LIFE_MS = 5000;

const NONE = -1;

/** Whom to ask for a block that has not come: `#bestHolder` of mesh/src/repair.ts. */
export class Holders {
  readonly #world: FlatWorld;

  constructor(world: FlatWorld) {
    this.#world = world;
  }

  /** Slot of the neighbor to ask, -1 for none. */
  best(peer: number, key: number, deadlineMs: number, requests: Requests): number {
    const { links, holdings, wheel } = this.#world;
    const isEarly = deadlineMs - wheel.nowMs > SEEDER_AHEAD_MS;
    const end = links.end(peer);
    let best = NONE;
    let bestCost = Number.POSITIVE_INFINITY;
    for (let slot = links.first(peer); slot < end; slot++) {
      const other = links.peer[slot] as number;
      const inFlight = links.inFlight[slot] as number;
      if (other === NONE || (other === 0 && isEarly) || inFlight >= IN_FLIGHT_PER_HOLDER) continue;
      const metAtMs = links.sinceMs[slot] as number;
      const isClaimed = holdings.hasTold(other, key, metAtMs);
      if (!isClaimed && !this.#isPresumed(other, key, metAtMs)) continue;
      if (requests.wasTried(peer, key, slot)) continue;
      const cost =
        (links.roundTripMs[slot] as number) +
        30 * inFlight +
        200 * (links.brokenPromises[slot] as number) +
        (isClaimed ? 0 : PRESUMED_MS) +
        (other === 0 ? 1000 : 0);
      if (cost >= bestCost) continue;
      best = slot;
      bestCost = cost;
    }
    // Everybody failed once: start over rather than wait for the origin.
    if (best === NONE) requests.forgive(peer, key);
    return best;
  }

  /** Broken promises are forgotten by and by. */
  fade(peer: number, elapsedMs: number): void {
    const { brokenPromises } = this.#world.links;
    const factor = 0.5 ** (elapsedMs / PROMISE_HALF_LIFE_MS);
    const end = this.#world.links.end(peer);
    for (let slot = this.#world.links.first(peer); slot < end; slot++) {
      brokenPromises[slot] = (brokenPromises[slot] as number) * factor;
    }
  }

  /** By its usual lag the neighbor has the block, though its news has not said so yet. */
  #isPresumed(other: number, key: number, metAtMs: number): boolean {
    const { plan, holdings, choice, wheel } = this.#world;
    const sequence = sequenceOf(key);
    if ((holdings.toldOf(other, sequence, metAtMs) & plan.trackMask(key)) !== 0) return false;
    const lagMs = choice.toldLagMs[other * plan.stripes + plan.stripeOf(key)] as number;
    return lagMs >= 0 && wheel.nowMs - plan.sourceTimeMs(sequence) > lagMs + PRESUMED_MS;
  }
}
