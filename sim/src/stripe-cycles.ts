import type { PeerId } from "#protocol";

/** Routes are told hop by hop: a cycle that two changes at once made may last this long, in ms. */
const CYCLE_MAX_MS = 3000;

/** Parent of each stripe, per peer. */
export type ParentTable = ReadonlyMap<PeerId, readonly (PeerId | undefined)[]>;

/** Finds peers that are each other's ancestors in one stripe, and remembers since when. */
export class StripeCycles {
  /** First time each cycle was seen; only those seen last time. */
  #sinceMs = new Map<string, number>();

  /** Cycles that have lasted too long, each told once a look. */
  lasting(parents: ParentTable, nowMs: number): PeerId[][] {
    const seen = new Map<string, number>();
    const tooLong: PeerId[][] = [];
    for (const [stripe, cycle] of cyclesIn(parents)) {
      const key = `${stripe} ${[...cycle].sort().join(" ")}`;
      const sinceMs = this.#sinceMs.get(key) ?? nowMs;
      seen.set(key, sinceMs);
      if (nowMs - sinceMs > CYCLE_MAX_MS) tooLong.push(cycle);
    }
    this.#sinceMs = seen;
    return tooLong;
  }
}

/** Each cycle once, with its stripe. A peer has one parent a stripe, so walks never branch. */
function* cyclesIn(parents: ParentTable): Generator<[number, PeerId[]]> {
  const stripeCount = Math.max(0, ...[...parents.values()].map((stripes) => stripes.length));
  for (let stripe = 0; stripe < stripeCount; stripe++) {
    const walkOf = new Map<PeerId, PeerId>();
    for (const start of parents.keys()) {
      let at: PeerId | undefined = start;
      while (at !== undefined && parents.has(at) && !walkOf.has(at)) {
        walkOf.set(at, start);
        at = parents.get(at)?.[stripe];
      }
      if (at === undefined || walkOf.get(at) !== start) continue;
      yield [stripe, cycleFrom(at, stripe, parents)];
    }
  }
}

function cycleFrom(start: PeerId, stripe: number, parents: ParentTable): PeerId[] {
  const cycle = [start];
  for (let at = parents.get(start)?.[stripe]; at !== undefined && at !== start; ) {
    cycle.push(at);
    at = parents.get(at)?.[stripe];
  }
  return cycle;
}
