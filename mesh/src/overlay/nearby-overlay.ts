import type { Neighbor } from "../neighbor.ts";
import type { Acquaintance } from "./overlay-policy.ts";
import { RandomOverlay } from "./random-overlay.ts";

const ROUND_MS = 10_000;
/** Neighbors given up per round at most, as share of all. */
const REPLACED_SHARE = 0.5;
/** Within this, in ms, a neighbor shares our network: nobody can be nearer. */
const LOCAL_MS = 10;
/** A stranger is tried before a peer known to be further than this, in ms: half of a continent. */
const STRANGER_MS = 50;

/** The nearest by round trip, first of all those of our own network. Far ones only while there are
 * no others: swarms of one place stay in it, at the price of longer ways between places. */
export class NearbyOverlay extends RandomOverlay {
  override readonly roundMs = ROUND_MS;

  override order(candidates: readonly Acquaintance[]): readonly Acquaintance[] {
    const expectedMs = ({ rttMs = STRANGER_MS }: Acquaintance) => rttMs;
    return [...super.order(candidates)].sort((a, b) => expectedMs(a) - expectedMs(b));
  }

  override giveUp(unbound: readonly Neighbor[], linkCount: number): readonly Neighbor[] {
    const distanceMs = ({ rttMs = Number.MAX_VALUE }: Neighbor) => rttMs;
    return unbound
      .filter((neighbor) => distanceMs(neighbor) > LOCAL_MS)
      .sort((a, b) => distanceMs(b) - distanceMs(a))
      .slice(0, Math.floor(linkCount * REPLACED_SHARE));
  }
}
