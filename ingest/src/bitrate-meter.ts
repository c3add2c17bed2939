/** Media time of one measurement, in ms: a few groups of pictures. */
const SPAN_MS = 4000;
/** The first one comes sooner: until then peers plan with a guess. */
const FIRST_SPAN_MS = 2000;
/** A rate that differs by less is not worth a new descriptor for everybody. */
const WORTH_SAYING = 0.3;
/** Pause between announcements of one track, in ms of media. */
const ANNOUNCE_PAUSE_MS = 20_000;

/** A track's rate from what was published: bytes on the wire by media time. */
export class BitrateMeter {
  announcedBps = 0;
  #measuredBps = 0;
  #bytes = 0;
  #spanMs = 0;
  #sinceAnnouncedMs = 0;

  note(sizeBytes: number, durationMs: number): void {
    this.#bytes += sizeBytes;
    this.#spanMs += durationMs;
    this.#sinceAnnouncedMs += durationMs;
    if (this.#spanMs < (this.#measuredBps === 0 ? FIRST_SPAN_MS : SPAN_MS)) return;
    this.#measuredBps = Math.round((this.#bytes * 8000) / this.#spanMs);
    this.#bytes = 0;
    this.#spanMs = 0;
  }

  /** Whether the measured rate is news. */
  get isWorthAnnouncing(): boolean {
    if (this.#measuredBps === 0) return false;
    if (this.announcedBps === 0) return true;
    const change = Math.abs(this.#measuredBps / this.announcedBps - 1);
    return change > WORTH_SAYING && this.#sinceAnnouncedMs >= ANNOUNCE_PAUSE_MS;
  }

  announce(): void {
    this.announcedBps = this.#measuredBps;
    this.#sinceAnnouncedMs = 0;
  }
}
