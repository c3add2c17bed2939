import type { Alert, AlertRules, StreamPoint } from "#protocol/control";

/** Wide enough for a swarm that is just coming together; a guess. */
export const DEFAULT_ALERT_RULES: AlertRules = {
  offloadBelow: 0.5,
  stallsAbove: 0.5,
  latencyAboveMs: 3000,
  viewersMin: 5,
  holdSec: 30,
};

type Crossing = { value: number; bound: number };

/** Which of one stream's figures are where an operator does not want them, and since when. Pure. */
export class AlertWatch {
  /** Since when a bound is crossed, Unix time in ms. */
  readonly #crossed = new Map<Alert["kind"], Alert>();

  /** Look at a new point. @returns What began to fire and what stopped. */
  look(
    streamId: string,
    point: StreamPoint,
    rules: AlertRules,
  ): { began: Alert[]; ended: Alert[] } {
    const before = this.firing(rules, point.atMs - 1);
    const found = crossings(point, rules);
    for (const kind of this.#crossed.keys()) if (!found.has(kind)) this.#crossed.delete(kind);
    for (const [kind, crossing] of found) {
      const sinceMs = this.#crossed.get(kind)?.sinceMs ?? point.atMs;
      this.#crossed.set(kind, { kind, streamId, ...crossing, sinceMs });
    }
    const now = this.firing(rules, point.atMs);
    const isIn = (list: Alert[]) => (one: Alert) => list.some(({ kind }) => kind === one.kind);
    return {
      began: now.filter((one) => !isIn(before)(one)),
      ended: before.filter((one) => !isIn(now)(one)),
    };
  }

  /** Those that hold long enough. @param atMs Unix time. */
  firing({ holdSec }: AlertRules, atMs: number): Alert[] {
    return [...this.#crossed.values()].filter(({ sinceMs }) => atMs - sinceMs >= holdSec * 1000);
  }
}

function crossings(point: StreamPoint, rules: AlertRules): Map<Alert["kind"], Crossing> {
  const found = new Map<Alert["kind"], Crossing>();
  if (point.viewers < rules.viewersMin) return found;
  const { offload, stallsPerMinute, latencyP50Ms } = point;
  const { offloadBelow, stallsAbove, latencyAboveMs } = rules;
  if (offload !== undefined && offloadBelow !== undefined && offload < offloadBelow) {
    found.set("offload-below", { value: offload, bound: offloadBelow });
  }
  if (stallsPerMinute !== undefined && stallsAbove !== undefined && stallsPerMinute > stallsAbove) {
    found.set("stalls-above", { value: stallsPerMinute, bound: stallsAbove });
  }
  if (latencyP50Ms !== undefined && latencyAboveMs !== undefined && latencyP50Ms > latencyAboveMs) {
    found.set("latency-above", { value: latencyP50Ms, bound: latencyAboveMs });
  }
  return found;
}
