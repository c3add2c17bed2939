import type { SimBlock } from "./media-source.ts";

/** Delays up to this are told apart, in ms; the rest counts as this. */
const DELAY_MAX_MS = 20_000;

/** A chunk that never came. */
export const NEVER_MS = 65_535;

/** What one viewer got, and when. Bounded by the length of the run. */
export class ViewerRecord {
  readonly joinedAtMs: number;
  leftAtMs = Number.POSITIVE_INFINITY;
  /** From joining to the first picture that can be shown. */
  startupMs: number | undefined;
  /** Sequence of the chunk it began with. */
  firstSequence: number | undefined;
  /** Age of each chunk behind its source time when it was complete, per track. */
  readonly ageMs: Uint16Array[];
  readonly seen: Uint8Array;

  constructor(joinedAtMs: number, tracks: number, chunks: number, blocks: number) {
    this.joinedAtMs = joinedAtMs;
    this.ageMs = Array.from({ length: tracks }, () => new Uint16Array(chunks).fill(NEVER_MS));
    this.seen = new Uint8Array(blocks);
  }

  /** @returns False when this chunk was delivered before: it must not be. */
  delivered(
    track: number,
    sequence: number,
    isIndependent: boolean,
    ageMs: number,
    nowMs: number,
  ): boolean {
    const ages = this.ageMs[track];
    if (ages === undefined || (ages[sequence] ?? 0) !== NEVER_MS) return false;
    ages[sequence] = Math.min(NEVER_MS - 1, Math.max(0, Math.round(ageMs)));
    if (track === 0 && isIndependent && this.startupMs === undefined) {
      this.startupMs = nowMs - this.joinedAtMs;
      this.firstSequence = sequence;
    }
    return true;
  }

  /** A genuine block is there. @returns Whether it is the first of its kind here. */
  took(block: SimBlock): boolean {
    if (this.seen[block.serial] === 1) return false;
    this.seen[block.serial] = 1;
    return true;
  }
}

/** Times in ms, counted in bins of one: any quantile at any moment, in constant memory. */
export class Histogram {
  readonly #bins = new Float64Array(DELAY_MAX_MS + 1);
  #count = 0;
  #sum = 0;

  add(ms: number): void {
    const bin = Math.min(DELAY_MAX_MS, Math.max(0, Math.round(ms)));
    this.#bins[bin] = (this.#bins[bin] as number) + 1;
    this.#count++;
    this.#sum += ms;
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#sum / Math.max(1, this.#count);
  }

  quantile(share: number): number {
    let left = share * this.#count;
    for (let ms = 0; ms <= DELAY_MAX_MS; ms++) {
      left -= this.#bins[ms] as number;
      if (left <= 0) return ms;
    }
    return DELAY_MAX_MS;
  }

  /** Cumulative share at each of these times. */
  curve(timesMs: readonly number[]): number[] {
    const shares: number[] = [];
    let sum = 0;
    let ms = 0;
    for (const timeMs of timesMs) {
      for (; ms <= Math.min(timeMs, DELAY_MAX_MS); ms++) sum += this.#bins[ms] as number;
      shares.push(sum / Math.max(1, this.#count));
    }
    return shares;
  }
}

/** Quantile of a list, by nearest rank; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Inequality of shares, 0 for all equal to 1 for one having all. */
export function gini(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const sum = sorted.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  const weighted = sorted.reduce((total, value, i) => total + (i + 1) * value, 0);
  return (2 * weighted) / (sorted.length * sum) - (sorted.length + 1) / sorted.length;
}

/** How many are there at a time, on average over a span: each from its first time to its second. */
export function averageCount(
  stays: readonly (readonly [number, number])[],
  [fromMs, toMs]: readonly [number, number],
): number {
  const sumMs = stays.reduce((sum, [joinedMs, leftMs]) => {
    return sum + Math.max(0, Math.min(toMs, leftMs) - Math.max(fromMs, joinedMs));
  }, 0);
  return sumMs / (toMs - fromMs);
}
