import type { Signal } from "#protocol";
import type { LinkRole } from "./link.ts";

/**
 * Candidates kept while the description is awaited, and accepted in all. A peer with a dozen
 * interfaces sends about 40; the bound is against a peer that never stops.
 */
const CANDIDATES_MAX = 64;

/**
 * Puts the other side's negotiation into the order WebRTC wants: its one description, then its
 * candidates. Trackers relay in order, but descriptions are made and applied asynchronously.
 */
export class RemoteSignals {
  readonly #awaited: "offer" | "answer";
  #hasDescription = false;
  #waiting: Signal[] = [];
  #candidateCount = 0;

  constructor(role: LinkRole) {
    this.#awaited = role === "dial" ? "answer" : "offer";
  }

  /** What to apply now, in order. Second and unfitting descriptions are dropped. */
  accept(signal: Signal): Signal[] {
    if (signal.type === "candidate") {
      if (++this.#candidateCount > CANDIDATES_MAX) return [];
      if (this.#hasDescription) return [signal];
      this.#waiting.push(signal);
      return [];
    }
    if (signal.type !== this.#awaited || this.#hasDescription) return [];
    this.#hasDescription = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    return [signal, ...waiting];
  }
}
