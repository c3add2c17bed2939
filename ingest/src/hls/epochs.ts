/** Tracks that begin something new this near to each other begin the same, in ms. */
const TOGETHER_MS = 3000;
/** Start times are no whole numbers of ms. */
const ROUNDING_MS = 1;
/** Epochs remembered: those that a track which is late may still belong to. */
const REMEMBERED = 64;

type Epoch = { number: number; startMs: number };
type Place = {
  track: number;
  startMs: number;
  /** This track does not continue what was before: a new encoder. */
  isBreak: boolean;
  /** It needs another init segment: only a discontinuity announces that (6.2.1). */
  isNewInit: boolean;
};

/**
 * Numbers the stretches between discontinuities, alike for all tracks: players match tracks by
 * these numbers (RFC 8216bis, 6.2.4). What one track begins, the others join where it began.
 */
export class Epochs {
  readonly #known: Epoch[] = [];
  /** By track: where it is, and whether its own break was counted there already. */
  readonly #places = new Map<number, { epoch: Epoch; hasOwnBreak: boolean }>();
  /** From 0: players keep arrays by these numbers, and large ones stop hls.js for a second. */
  #next = 0;

  /** The number of the epoch this chunk belongs to; never falls on one track. */
  place({ track, startMs, isBreak, isNewInit }: Place): number {
    const place = this.#places.get(track);
    if (place === undefined)
      return this.#move(track, this.#at(startMs + TOGETHER_MS, startMs), true);
    const { epoch, hasOwnBreak } = place;
    if (isBreak || isNewInit) {
      const isCounted = !hasOwnBreak && !isNewInit && isNear(epoch, startMs);
      const joined = this.#after(epoch).find((later) => isNear(later, startMs));
      return this.#move(track, isCounted ? epoch : (joined ?? this.#begin(startMs)), true);
    }
    const joined = this.#after(epoch).findLast((later) => later.startMs <= startMs + ROUNDING_MS);
    return joined === undefined ? epoch.number : this.#move(track, joined);
  }

  #move(track: number, epoch: Epoch, hasOwnBreak = false): number {
    this.#places.set(track, { epoch, hasOwnBreak });
    return epoch.number;
  }

  #after({ number }: Epoch): Epoch[] {
    return this.#known.filter((epoch) => epoch.number > number);
  }

  /** The newest that began until then; the first track begins the first. */
  #at(untilMs: number, startMs: number): Epoch {
    return this.#known.findLast((epoch) => epoch.startMs <= untilMs) ?? this.#begin(startMs);
  }

  #begin(startMs: number): Epoch {
    const epoch = { number: this.#next++, startMs };
    this.#known.push(epoch);
    if (this.#known.length > REMEMBERED) this.#known.shift();
    return epoch;
  }
}

function isNear({ startMs }: Epoch, atMs: number): boolean {
  return Math.abs(startMs - atMs) <= TOGETHER_MS;
}
