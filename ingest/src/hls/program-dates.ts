/** The clocks of encoders drift; beyond this the mapping is set anew, in ms. Overlaps below a
 * second are allowed for that (RFC 8216bis, 6.2.1). */
const DRIFT_MS = 500;
/** A correction begins this far ahead, so that it is the same for all tracks, in ms. */
const AHEAD_MS = 10_000;
/** Mappings remembered: for segments that are still open. */
const REMEMBERED = 8;

/** Which wall-clock time a media time was, one mapping for all tracks. */
export class ProgramDates {
  readonly #mappings: { fromMs: number; offsetMs: number }[] = [];

  /** @param isNew Media time does not continue in real time here: a new epoch. */
  note(mediaTimeMs: number, sourceTimeMs: number, isNew: boolean): void {
    const offsetMs = sourceTimeMs - mediaTimeMs;
    const last = this.#mappings.at(-1);
    if (last === undefined || isNew) this.#set(mediaTimeMs, offsetMs);
    else if (last.fromMs <= mediaTimeMs && Math.abs(offsetMs - last.offsetMs) > DRIFT_MS) {
      this.#set(mediaTimeMs + AHEAD_MS, offsetMs);
    }
  }

  /** Whether media time and wall clock went apart here, as they do when an encoder was away. */
  isJump(mediaTimeMs: number, sourceTimeMs: number): boolean {
    return Math.abs(this.at(mediaTimeMs) - sourceTimeMs) > DRIFT_MS;
  }

  /** Unix ms. */
  at(mediaTimeMs: number): number {
    const mapping = this.#mappings.findLast(({ fromMs }) => fromMs <= mediaTimeMs);
    return mediaTimeMs + (mapping ?? this.#mappings[0] ?? { offsetMs: 0 }).offsetMs;
  }

  #set(fromMs: number, offsetMs: number): void {
    while ((this.#mappings.at(-1)?.fromMs ?? -1) >= fromMs) this.#mappings.pop();
    this.#mappings.push({ fromMs, offsetMs });
    if (this.#mappings.length > REMEMBERED) this.#mappings.shift();
  }
}
