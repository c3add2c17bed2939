import type { Scenario } from "./scenario.ts";

/** Viewers a scenario has in all, those of its crowds included. */
export function viewersOf({ peers, incidents }: Scenario): number {
  return incidents.reduce((sum, one) => sum + (one.type === "crowd" ? one.viewers : 0), peers);
}

/** The same with so many viewers in all; crowds keep their share of them. */
export function resized(scenario: Scenario, viewers: number): Scenario {
  const factor = viewers / viewersOf(scenario);
  const incidents = scenario.incidents.map((one) =>
    one.type === "crowd" ? { ...one, viewers: Math.max(1, Math.round(one.viewers * factor)) } : one,
  );
  const crowds = viewersOf({ ...scenario, peers: 0, incidents });
  return { ...scenario, incidents, peers: Math.max(1, viewers - crowds) };
}

/** The same for so long; what is measured starts in its first half. */
export function lasting(scenario: Scenario, durationMs: number): Scenario {
  const measureFromMs = Math.min(scenario.measureFromMs, durationMs / 2);
  return { ...scenario, durationMs, measureFromMs };
}

/**
 * The same with uplinks scaled to a resource index: what source and viewers can send together, over
 * what all viewers need (limits A1). Below 1 nobody can do it.
 */
export function withResourceIndex(scenario: Scenario, index: number): Scenario {
  const { uplinks, seederUplinkOfStreamRate } = scenario;
  const mean = uplinks.reduce((sum, { share, ofStreamRate }) => sum + share * ofStreamRate, 0);
  const needed = index - seederUplinkOfStreamRate / viewersOf(scenario);
  const factor = Math.max(0, needed) / mean;
  return {
    ...scenario,
    uplinks: uplinks.map(({ share, ofStreamRate }) => ({
      share,
      ofStreamRate: ofStreamRate * factor,
    })),
  };
}
