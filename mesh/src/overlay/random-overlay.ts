import type { PeerId } from "#protocol";
import type { Neighbor } from "../neighbor.ts";
import type { Acquaintance, OverlayContext, OverlayPolicy } from "./overlay-policy.ts";

/** A random mesh: whoever comes first stays. What others are measured against. */
export class RandomOverlay implements OverlayPolicy {
  readonly degree: { target: number; incoming: number };
  readonly roundMs: number = Number.POSITIVE_INFINITY;
  protected readonly context: OverlayContext;

  constructor(context: OverlayContext) {
    this.context = context;
    const { degreeTarget, degreeHigh } = context.options;
    // Half of the links stay for those we dial: others cannot surround us (limits, attack 12).
    this.degree = { target: degreeTarget, incoming: Math.ceil(degreeHigh / 2) };
  }

  allows(_peer: PeerId): boolean {
    return true;
  }

  order(candidates: readonly Acquaintance[]): readonly Acquaintance[] {
    return candidates
      .map((candidate) => ({ candidate, key: this.context.random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ candidate }) => candidate);
  }

  giveUp(_unbound: readonly Neighbor[], _linkCount: number): readonly Neighbor[] {
    return [];
  }
}
