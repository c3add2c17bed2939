import type { Neighbor } from "../neighbor.ts";
import type { Acquaintance } from "./overlay-policy.ts";
import { RandomOverlay } from "./random-overlay.ts";

/** Neighbors kept per round, as share of all. As in PeerStreamer, with its topology update of 10 s. */
const KEEP_SHARE = 0.7;
const ROUND_MS = 10_000;
/** A former neighbor that answered within this, in ms, counts as near (PeerStreamer: 200). */
const NEAR_MS = 120;
/** Share of the places to fill that near ones get, if there are any; chance has the rest. */
const NEAR_SHARE = 0.6;
/** A neighbor that never answered a ping counts as this far, in ms. */
const UNKNOWN_RTT_MS = 500;
/** What a broken promise weighs, in ms of round trip: as in the choice of whom to ask. */
const BROKEN_PROMISE_MS = 200;

/** Keeps the best and tries others in the place of the worst: near ones and, so that the mesh stays one
 * piece, random ones. */
export class AdaptiveOverlay extends RandomOverlay {
  override readonly roundMs = ROUND_MS;

  override order(candidates: readonly Acquaintance[]): readonly Acquaintance[] {
    const shuffled = super.order(candidates);
    const near = shuffled.filter(({ rttMs }) => rttMs !== undefined && rttMs <= NEAR_MS);
    const others = shuffled.filter((candidate) => !near.includes(candidate));
    near.sort((a, b) => rttOf(a) - rttOf(b));
    const ordered: Acquaintance[] = [];
    while (near.length > 0 && others.length > 0) {
      const next = this.context.random() < NEAR_SHARE ? near.shift() : others.shift();
      if (next !== undefined) ordered.push(next);
    }
    return [...ordered, ...near, ...others];
  }

  override giveUp(unbound: readonly Neighbor[], linkCount: number): readonly Neighbor[] {
    const count = Math.floor(linkCount * (1 - KEEP_SHARE));
    return [...unbound].sort((a, b) => costOf(b) - costOf(a)).slice(0, count);
  }
}

function rttOf({ rttMs = UNKNOWN_RTT_MS }: Acquaintance): number {
  return rttMs;
}

function costOf({ rttMs = UNKNOWN_RTT_MS, brokenPromises }: Neighbor): number {
  return rttMs + BROKEN_PROMISE_MS * brokenPromises;
}
