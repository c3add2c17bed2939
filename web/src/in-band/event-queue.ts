import { type EventMessage, readEventMessages } from "#media";

/** Something that happens at a time of the media: ID3, SCTE-35, or whatever a publisher put there. */
export type TimedMetadata = {
  scheme: string;
  value: string;
  id: number;
  /** On the time line of the media element, in ms. */
  mediaTimeMs: number;
  /** Null while it is not known. */
  durationMs: number | null;
  data: Uint8Array;
};

/** Events that wait for their time. */
const WAITING_MAX = 100;
/** What lies so far behind the playhead, in ms, is not news: it was jumped over. */
const OVER_MS = 10_000;
/** Remembered, so that a chunk that comes again says nothing again. */
const TOLD_MAX = 200;

/** Events wait here until the playhead is there. */
export class EventQueue {
  #waiting: TimedMetadata[] = [];
  readonly #told = new Set<string>();

  /** @throws {MediaError} When the chunk's boxes are not as they should be. */
  push(chunk: Uint8Array): void {
    for (const event of readEventMessages(chunk)) {
      const key = `${event.scheme} ${event.id} ${event.timeTicks}`;
      if (this.#told.has(key) || this.#waiting.length >= WAITING_MAX) continue;
      this.#told.add(key);
      const [oldest] = this.#told;
      if (this.#told.size > TOLD_MAX && oldest !== undefined) this.#told.delete(oldest);
      this.#waiting.push(metadataOf(event));
    }
  }

  /** What is due, by time. */
  take(playheadMs: number): TimedMetadata[] {
    if (this.#waiting.length === 0) return [];
    const isDue = ({ mediaTimeMs }: TimedMetadata) => mediaTimeMs <= playheadMs;
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter((event) => !isDue(event));
    return due
      .filter(({ mediaTimeMs }) => mediaTimeMs > playheadMs - OVER_MS)
      .sort((a, b) => a.mediaTimeMs - b.mediaTimeMs);
  }
}

function metadataOf(event: EventMessage): TimedMetadata {
  const { scheme, value, id, timescale, timeTicks, durationTicks, data } = event;
  const msOf = (ticks: number) => (ticks * 1000) / timescale;
  return {
    scheme,
    value,
    id,
    mediaTimeMs: msOf(timeTicks),
    durationMs: durationTicks === undefined ? null : msOf(durationTicks),
    data: data.slice(),
  };
}
