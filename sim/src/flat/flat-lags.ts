import type { FlatWorld } from "./flat-world.ts";

/** As in mesh/src/stripe-table.ts, by the same names. */
const LAG_GAIN = 0.1;
const START_DEVIATION_MS = 80;

const UNKNOWN = -1;

/** How far behind the source each stripe comes to each peer: mesh/src/stripe-table.ts for all peers. */
export class FlatLags {
  /** By peer and stripe; negative before the first block. */
  readonly meanMs: Float32Array;
  readonly #deviationMs: Float32Array;
  readonly #stripes: number;

  constructor({ peers, plan }: Pick<FlatWorld, "peers" | "plan">) {
    this.#stripes = plan.stripes;
    this.meanMs = new Float32Array(peers.capacity * plan.stripes).fill(UNKNOWN);
    this.#deviationMs = new Float32Array(peers.capacity * plan.stripes);
  }

  /** Lag by which nearly every block of the stripe has come; negative when nothing is known. */
  latestUsualMs(peer: number, stripe: number): number {
    const feed = peer * this.#stripes + stripe;
    const meanMs = this.meanMs[feed] as number;
    return meanMs < 0 ? UNKNOWN : meanMs + 3 * (this.#deviationMs[feed] as number);
  }

  /** There is a new parent, who promises this. */
  expect(peer: number, stripe: number, lagMs: number): void {
    const feed = peer * this.#stripes + stripe;
    this.meanMs[feed] = lagMs;
    this.#deviationMs[feed] = START_DEVIATION_MS;
  }

  noteArrival(peer: number, stripe: number, lagMs: number): void {
    const feed = peer * this.#stripes + stripe;
    const meanMs = this.meanMs[feed] as number;
    if (meanMs < 0) {
      this.meanMs[feed] = lagMs;
      return;
    }
    const deviationMs = this.#deviationMs[feed] as number;
    this.#deviationMs[feed] = deviationMs + LAG_GAIN * (Math.abs(lagMs - meanMs) - deviationMs);
    this.meanMs[feed] = meanMs + LAG_GAIN * (lagMs - meanMs);
  }
}
