import type { PeerMessage } from "#protocol";

/** Messages a second that a neighbor may send besides the stream. Honest ones were not seen to send
 * more than some tens; 200 cost their receiver a few percent of a core. */
const CONTROL_PER_SECOND = 200;
/** Of every block a neighbor may send so many: itself, a denial and a cancel. */
const MESSAGES_PER_BLOCK = 3;
/** A message counts once for each such part of it: what a long list of claims costs to read. */
const COUNTED_BYTES = 128;
/** Saved up for at most this long: a page that stood still gets everything at once. */
const SAVED_SECONDS = 10;
/** What a newcomer has saved up: who comes back under a new name each time must not gain by it. */
const FIRST_SECONDS = 1;

/**
 * What one neighbor may still say. Every message costs us, whatever is in it: without a bound a peer that
 * breaks no rule could keep a viewer busy with questions.
 */
export class MessageAllowance {
  #left: number | undefined;
  #filledAtMs = 0;

  /**
   * @param cost Of the message, by {@link costOf}.
   * @param blocksPerSecond Of the whole stream, as far as we take part in it.
   * @returns False when it said too much.
   */
  take(cost: number, blocksPerSecond: number, nowMs: number): boolean {
    const perSecond = CONTROL_PER_SECOND + MESSAGES_PER_BLOCK * blocksPerSecond;
    const most = SAVED_SECONDS * perSecond;
    const gained = (Math.max(0, nowMs - this.#filledAtMs) * perSecond) / 1000;
    this.#left =
      this.#left === undefined ? FIRST_SECONDS * perSecond : Math.min(most, this.#left + gained);
    this.#filledAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= cost;
    return true;
  }
}

/** What a message is to its receiver, 1 at least: bytes to read, or answers to write. */
export function costOf(message: PeerMessage | undefined, sizeBytes: number): number {
  if (message?.type === "block") return 1;
  const answers = message?.type === "request" ? message.indexes.length : 0;
  return Math.max(1, answers, sizeBytes / COUNTED_BYTES);
}
