import { TICKS_PER_SEC } from "./time-line.ts";

/** Pictures without sound, in ticks, before sound that is announced counts as missing: what is
 * multiplexed unevenly is not. A second is what players have buffered. */
const PATIENCE_TICKS = 1 * TICKS_PER_SEC;
/** Sound further behind the picture than this is not waited for, in ticks, however it is multiplexed. */
const MAX_LAG_TICKS = 5 * TICKS_PER_SEC;
/** Where sound comes in bursts, the next one may take this much longer. A guess. */
const BURST_MARGIN = 1.5;

/**
 * Notices that sound which was there does not come any more, and says up to where silence takes its
 * place: players of separate tracks stop where one of them does. Times are ticks of the output.
 */
export class MissingSound {
  #isAnnounced = true;
  #pictureEnd = 0;
  /** Where the picture was when sound came last; undefined before the first. */
  #pictureAtSound: number | undefined;
  /** How far behind the picture sound usually is. */
  #lag = 0;
  /** How far the picture went without sound, the last two times that it went far. */
  #gaps: readonly [number, number] = [0, 0];

  /** Whether the input says that it has sound. */
  announced(isAnnounced: boolean): void {
    this.#isAnnounced = isAnnounced;
  }

  /** Sound came. @param endTicks Where it ends now. */
  heard(endTicks: number): void {
    const gap = this.#pictureEnd - (this.#pictureAtSound ?? this.#pictureEnd);
    if (gap > PATIENCE_TICKS / 2 && gap <= MAX_LAG_TICKS) this.#gaps = [this.#gaps[1], gap];
    this.#pictureAtSound = this.#pictureEnd;
    this.#lag = Math.min(MAX_LAG_TICKS, Math.max(0, this.#pictureEnd - endTicks));
  }

  /** A picture came. @returns Where silence is to reach, if it is due. */
  shown(endTicks: number): number | undefined {
    this.#pictureEnd = endTicks;
    if (this.#pictureAtSound === undefined) return undefined;
    return endTicks - this.#pictureAtSound > this.#patience ? endTicks - this.#lag : undefined;
  }

  get #patience(): number {
    if (!this.#isAnnounced) return 0;
    return Math.max(PATIENCE_TICKS, BURST_MARGIN * Math.min(...this.#gaps));
  }
}
