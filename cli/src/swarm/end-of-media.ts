import { type Member, receivedBytes } from "./member.ts";
import type { SourceFigures } from "./source-figures.ts";

/** Nobody got anything for so many looks, a second apart: they have what they will get. */
const QUIET_LOOKS = 3;

/** Finds out when a file that was sent to its end has reached everybody it will reach. */
export class EndOfMedia {
  #isSent = false;
  #quietLooks = 0;
  #receivedBytes = 0;

  get isSent(): boolean {
    return this.#isSent;
  }

  /** Ingest has taken the last byte. */
  sent(): void {
    this.#isSent = true;
  }

  /** Once a second. */
  hasArrived(members: readonly Member[], source: SourceFigures | undefined): boolean {
    const received = members.map(({ figures }) => receivedBytes(figures));
    const sum = received.reduce((total, bytes) => total + bytes, 0);
    const isQuiet = this.#isSent && sum === this.#receivedBytes;
    this.#quietLooks = isQuiet ? this.#quietLooks + 1 : 0;
    this.#receivedBytes = sum;
    // Nobody has to be waited for when all have all.
    const copy = source?.copy || Number.POSITIVE_INFINITY;
    return this.#quietLooks >= (received.every((bytes) => bytes === copy) ? 1 : QUIET_LOOKS);
  }
}
