/** What is known of a media element's playback at one moment. */
export type PlaybackSample = {
  nowMs: number;
  playheadMs: number;
  /** Contiguous media ahead, in ms. */
  forwardBufferMs: number;
  /** Of the element. */
  readyState: number;
  /** Paused or seeking: standing still means nothing then. */
  isHeld: boolean;
};

/** A playhead that has not moved for this long, in ms, stands, whatever `readyState` says. Longer
 * than any decoder needs to get going again. */
const STANDING_MS = 500;
const HAVE_FUTURE_DATA = 3;

/**
 * Tells whether playback is out of media. Elements do not always say so: Chromium goes on for
 * seconds with sound alone, and stands for ever before a hole it does not report.
 */
export class DryWatch {
  #playheadMs: number | undefined;
  #movedAtMs = 0;

  /** To be asked at every occasion; while held the answer is no. */
  isDry(sample: PlaybackSample): boolean {
    const { nowMs, playheadMs, forwardBufferMs, readyState, isHeld } = sample;
    if (isHeld || playheadMs !== this.#playheadMs) {
      this.#playheadMs = playheadMs;
      this.#movedAtMs = nowMs;
    }
    if (isHeld) return false;
    const isStanding = nowMs - this.#movedAtMs >= STANDING_MS;
    return isStanding || forwardBufferMs <= 0 || readyState < HAVE_FUTURE_DATA;
  }
}
