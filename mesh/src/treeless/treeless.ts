import type { Block, PeerId } from "#protocol";
import type { BlockSender } from "../events.ts";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import type {
  BlockPlace,
  Expectation,
  Judgement,
  Scheduler,
  SchedulerContext,
  Wanted,
} from "../scheduler.ts";
import type { StripeStats } from "../stats.ts";
import type { Stripe } from "../stripe-table.ts";
import { ChosenFew } from "./chosen-few.ts";
import { SentRate } from "./sent-rate.ts";

/** How a strategy looks that agrees on nothing with neighbors: by what they claim, block by block. */
export abstract class Treeless implements Scheduler {
  readonly parts: readonly Part[] = [];
  /** Claims are all there is to go by: they have to be fresh. */
  readonly haveIntervalMs: number;
  /**
   * The source shows each block to a few neighbors (super-seeding, BEP 16): if all saw it, all would
   * ask the source for it, and all but a few in vain.
   */
  readonly shows?: (to: Neighbor, block: BlockPlace) => boolean;
  protected readonly context: SchedulerContext;
  protected readonly few: ChosenFew;
  readonly #sentRate = new SentRate();

  constructor(context: SchedulerContext) {
    this.context = context;
    this.haveIntervalMs = context.options.treelessHaveIntervalMs;
    this.few = new ChosenFew(context);
    if (context.role === "seeder") this.shows = (to, block) => this.few.of(block).includes(to.peer);
  }

  /** The order of requests, least first. */
  abstract rank(wanted: Wanted): number;
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
