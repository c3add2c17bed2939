/** Notices a playhead that stands still, whatever the media element says of its state. */
export class PlayheadWatch {
  #playheadMs: number | undefined;
  #movedAtMs = 0;

  /** How long it has been standing there, in ms; 0 when it moved since the last look. */
  stillMs(nowMs: number, playheadMs: number): number {
    if (playheadMs !== this.#playheadMs) {
      this.#playheadMs = playheadMs;
      this.#movedAtMs = nowMs;
    }
    return nowMs - this.#movedAtMs;
  }
}
