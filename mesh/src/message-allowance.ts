/** Messages a second that a neighbor may send besides the stream. Honest ones were not seen to send
 * more than some tens; 200 cost their receiver a few percent of a core. */
const CONTROL_PER_SECOND = 200;
/** Of every block a neighbor may send so many: itself, a denial and a cancel. */
const MESSAGES_PER_BLOCK = 3;
/** Saved up for at most this long: a page that stood still gets everything at once. */
const SAVED_SECONDS = 10;

/**
 * What one neighbor may still say. Every message costs us, whatever is in it: without a bound a peer that
 * breaks no rule could keep a viewer busy with questions.
 */
export class MessageAllowance {
  #left: number | undefined;
  #filledAtMs = 0;

  /**
   * @param blocksPerSecond Of the whole stream, as far as we take part in it.
   * @returns False when it said too much.
   */
  take(blocksPerSecond: number, nowMs: number): boolean {
    const perSecond = CONTROL_PER_SECOND + MESSAGES_PER_BLOCK * blocksPerSecond;
    const most = SAVED_SECONDS * perSecond;
    const gained = (Math.max(0, nowMs - this.#filledAtMs) * perSecond) / 1000;
    this.#left = this.#left === undefined ? most : Math.min(most, this.#left + gained);
    this.#filledAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
