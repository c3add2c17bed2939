import type { Neighbor } from "../neighbor.ts";
import type { Expectation, Judgement, Wanted } from "../scheduler.ts";
import type { Stripe } from "../stripe-table.ts";
import { Treeless } from "./treeless.ts";

/** So close to its deadline, in ms, a block is urgent: two requests that fail and one that does not. */
const URGENT_MS = 800;

/** Nothing is pushed: `repair` requests what neighbors claim, in the order of the subclass. */
abstract class Pull extends Treeless {
  judge(_stripe: Stripe, _from: Neighbor): Judgement {
    return "offence";
  }

  stored(): void {}

  expectation(_stripe: Stripe, heardAtMs: number): Expectation {
    return { dueAtMs: heardAtMs, isPushed: false };
  }
}

/** As in BitTorrent: what fewest neighbors hold comes first, so that there is always something to swap. */
export class RarestFirstPull extends Pull {
  rank({ deadlineMs, holders }: Wanted): number {
    const leftMs = deadlineMs - this.context.nowMs;
    // Below every count of holders: urgent ones by their time, then the rarest, ties by chance.
    return leftMs < URGENT_MS ? leftMs - URGENT_MS : holders + this.context.random();
  }
}

/** What is played next comes first; within a chunk by chance, so that neighbors differ. */
export class DeadlinePull extends Pull {
  rank({ deadlineMs }: Wanted): number {
    return deadlineMs + this.context.random();
  }
}
