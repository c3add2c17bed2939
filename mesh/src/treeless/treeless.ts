import type { Block, PeerId } from "#protocol";
import type { BlockSender } from "../events.ts";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import type { Expectation, Judgement, Scheduler, SchedulerContext } from "../scheduler.ts";
import type { StripeStats } from "../stats.ts";
import type { Stripe } from "../stripe-table.ts";
import { SentRate } from "./sent-rate.ts";

/** How a strategy looks that agrees on nothing with neighbors: by what they claim, block by block. */
export abstract class Treeless implements Scheduler {
  readonly parts: readonly Part[] = [];
  /** Claims are all there is to go by: they have to be fresh. */
  readonly haveIntervalMs: number;
  protected readonly context: SchedulerContext;
  readonly #sentRate = new SentRate();

  constructor(context: SchedulerContext) {
    this.context = context;
    this.haveIntervalMs = context.options.treelessHaveIntervalMs;
  }

  abstract judge(stripe: Stripe, from: Neighbor): Judgement;
  abstract stored(stripe: Stripe, block: Block, from: BlockSender): void;
  abstract expectation(
    stripe: Stripe,
    heardAtMs: number,
    sourceTimeMs: number | undefined,
  ): Expectation;

  pushed(_stripe: Stripe, _from: PeerId): void {}

  strayed(_stripe: Stripe, _from: PeerId): void {}

  cameElsewhere(_stripe: Stripe, _block: Block, _from: BlockSender): void {}

  overdue(_stripe: Stripe, _from: BlockSender): void {}

  /** Nobody subscribes to anything: a neighbor that does gets nothing by it. */
  received(): void {}

  lookAgain(): void {}

  neighborGone(peer: PeerId): void {
    this.#sentRate.forget(peer);
  }

  uplinkMeasured(): void {
    this.#sentRate.measure(this.context.neighbors.values(), this.context.nowMs);
  }

  /** Nothing is promised; what they got lately is what neighbors count on. */
  get promisedBps(): number {
    return this.#sentRate.bps;
  }

  /** At the source every block is there at once; elsewhere a lag would promise what chance brings. */
  isCarried(_stripe: Stripe): boolean {
    return this.context.role === "seeder";
  }

  stripeStats(stripe: Stripe): StripeStats {
    return { parent: undefined, lagMs: this.context.stripes.lagMs(stripe), children: 0 };
  }

  stripesFrom(_peer: PeerId): number {
    return 0;
  }

  stripesTo(_peer: PeerId): number {
    return 0;
  }
}
