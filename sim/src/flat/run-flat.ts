import { type Meter, NO_COST, startCost } from "../cost.ts";
import type { RunResult } from "../result.ts";
import type { Scenario } from "../scenario.ts";
import { type FlatSnapshot, flatResultOf, flatSnapshot } from "./flat-result.ts";
import { FlatSchedule } from "./flat-schedule.ts";
import type { FlatSwarm } from "./flat-swarm.ts";

const UNMEASURED: Meter = { nowMs: () => 0, cpuMs: () => 0, peakRssMb: () => 0 };

/**
 * One scenario with one seed by the flat model: the rules of `striped-push` over typed arrays, for
 * swarms that real engines are too large for.
 *
 * What differs from the engine in mesh/, and may be felt in the figures:
 * - Messages have no bytes, and most of the control traffic is no event: news of holdings and lags is
 *   there at once when it goes out; pings are a look at both queues; routes are the parents' own, so that
 *   no loop ever forms. All of it takes its time on the uplink.
 * - Peers are found through the tracker only, not through neighbors; former neighbors that were near are
 *   not preferred; links do not congest one by one.
 * - Processors cost time per message but are never busy with another one, and no tab is hidden.
 * - Nobody misbehaves: nothing is rejected, nobody is banned.
 * - Times are rounded up to 1/32 ms.
 *
 * How far it may be trusted: cross-check.test.ts. A rule that changes in mesh/ has to change here, too.
 *
 * @param onProgress Called after every second of virtual time.
 * @param meter Time and memory are 0 in the result without one.
 * @throws {RangeError} When the scenario has something the flat model does not.
 */
export function runFlat(
  scenario: Scenario,
  seed: number,
  onProgress: (swarm: FlatSwarm) => void = () => {},
  meter: Meter = UNMEASURED,
): RunResult {
  refuseWhatIsMissing(scenario);
  const spent = startCost(meter);
  const { swarm } = new FlatSchedule(scenario, seed);
  let before: FlatSnapshot | undefined;
  for (const atMs of stops(scenario)) {
    swarm.run(atMs);
    if (atMs === scenario.measureFromMs) before = flatSnapshot(swarm);
    if (atMs % 1000 === 0) onProgress(swarm);
  }
  const result = flatResultOf(swarm, seed, before ?? flatSnapshot(swarm), NO_COST);
  return { ...result, ...spent() };
}

function refuseWhatIsMissing(scenario: Scenario): void {
  const { scheduler, overlay, turnShare, hiddenShare, relays, lanSize } = scenario;
  const { misbehaving, eclipsers, incidents } = scenario;
  const missing = [
    scheduler !== "striped-push" && `scheduler "${scheduler}"`,
    overlay !== "adaptive" && `overlay "${overlay}"`,
    turnShare > 0 && "turnShare",
    hiddenShare > 0 && "hiddenShare",
    relays.count > 0 && "relays",
    lanSize > 1 && "lanSize",
    misbehaving.length > 0 && "misbehaving",
    eclipsers > 0 && "eclipsers",
    incidents.some(({ type }) => type === "turn") && `incident "turn"`,
  ].filter((name) => name !== false);
  if (missing.length === 0) return;
  throw new RangeError(`the flat model has no ${missing.join(", ")}: run this scenario without it`);
}

/** As in ../run.ts: every full second, the moment measuring begins, and the end. */
function stops({ durationMs, measureFromMs }: Scenario): number[] {
  const seconds = Array.from({ length: Math.floor(durationMs / 1000) }, (_, i) => 1000 * (i + 1));
  return [...new Set([...seconds, measureFromMs, durationMs])].sort((a, b) => a - b);
}
