import type { FlatWorld } from "./flat-world.ts";
import type { Requests } from "./requests.ts";
import { indexOf, sequenceOf } from "./stream-plan.ts";

/** As in mesh/src/repair.ts, by the same names. */
const IN_FLIGHT_PER_HOLDER = 32;
const SEEDER_AHEAD_MS = 600;
const PRESUMED_MS = 220;
const DOUBT_MS = 600;
const PROMISE_HALF_LIFE_MS = 5000;

const NONE = -1;
/** A viewer's links at most, as in `Links`. */
const LINKS = 16;

/** Whom to ask for a block that has not come: `#bestHolder` of mesh/src/repair.ts. */
export class Holders {
  readonly #world: FlatWorld;
  /** What the neighbors have told of the chunk that is being repaired: several blocks of it are missing. */
  readonly #told = new Int32Array(LINKS);
  #toldTo = NONE;
  #toldOf = NONE;
  /** Until when nothing is presumed of a neighbor, by slot and stripe. */
  readonly #doubtedUntilMs: Float32Array;

  constructor(world: FlatWorld) {
    this.#world = world;
    this.#doubtedUntilMs = new Float32Array(world.links.slotCount * world.plan.stripes);
  }

  /** What a neighbor was presumed to hold it does not: it is late with the whole stripe. */
  notHeld(slot: number, key: number): void {
    const { links, holdings, plan, wheel } = this.#world;
    const other = links.peer[slot] as number;
    const told = holdings.toldOf(other, sequenceOf(key), links.sinceMs[slot] as number);
    if ((told & plan.trackMask(key)) !== 0) return;
    this.#doubtedUntilMs[this.#doubtOf(slot, key)] = wheel.nowMs + DOUBT_MS;
  }

  #doubtOf(slot: number, key: number): number {
    const { plan } = this.#world;
    return slot * plan.stripes + plan.stripeOf(key);
  }

  /** Time has passed: what neighbors have told is to be looked up again. */
  lookAgain(): void {
    this.#toldTo = NONE;
  }

  /** Slot of the neighbor to ask, -1 for none. */
  best(peer: number, key: number, deadlineMs: number, requests: Requests): number {
    const { links, wheel } = this.#world;
    if (this.#toldTo !== peer || this.#toldOf !== sequenceOf(key))
      this.#gather(peer, sequenceOf(key));
    const isEarly = deadlineMs - wheel.nowMs > SEEDER_AHEAD_MS;
    const first = links.first(peer);
    let best = NONE;
    let bestCost = Number.POSITIVE_INFINITY;
    for (let nth = 0; nth < LINKS; nth++) {
      const slot = first + nth;
      const other = links.peer[slot] as number;
      if (other === NONE || (other === 0 && isEarly)) continue;
      const inFlight = links.inFlight[slot] as number;
      const told = this.#told[nth] as number;
      const isClaimed = ((told >>> indexOf(key)) & 1) === 1;
      const cost =
        (links.roundTripMs[slot] as number) +
        30 * inFlight +
        200 * (links.brokenPromises[slot] as number) +
        (isClaimed ? 0 : PRESUMED_MS) +
        (other === 0 ? 1000 : 0);
      if (cost >= bestCost || inFlight >= IN_FLIGHT_PER_HOLDER) continue;
      if (!isClaimed && !this.#isPresumed(slot, other, key, told)) continue;
      if (requests.wasTried(peer, key, nth)) continue;
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

  #gather(peer: number, sequence: number): void {
    const { links, holdings } = this.#world;
    const first = links.first(peer);
    this.#toldTo = peer;
    this.#toldOf = sequence;
    for (let nth = 0; nth < LINKS; nth++) {
      const other = links.peer[first + nth] as number;
      if (other === NONE) continue;
      this.#told[nth] = holdings.toldOf(other, sequence, links.sinceMs[first + nth] as number);
    }
  }

  /** By its usual lag the neighbor has the block, though its news has not said so yet. */
  #isPresumed(slot: number, other: number, key: number, told: number): boolean {
    const { plan, choice, wheel } = this.#world;
    if ((told & plan.trackMask(key)) !== 0) return false;
    if ((this.#doubtedUntilMs[this.#doubtOf(slot, key)] as number) > wheel.nowMs) return false;
    const lagMs = choice.toldLagMs[other * plan.stripes + plan.stripeOf(key)] as number;
    return lagMs >= 0 && wheel.nowMs - plan.sourceTimeMs(sequenceOf(key)) > lagMs + PRESUMED_MS;
  }
}
