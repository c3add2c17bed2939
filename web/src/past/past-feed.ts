import type { MeshChunk } from "#mesh";

/** One track to feed: its place in the descriptor, and the chunk to begin with. */
export type FedTrack = { track: number; sequence: number };

export type PastFeedParts = {
  chunk(track: number, sequence: number): Promise<MeshChunk | undefined>;
  /** Media ahead of the playhead, in ms; undefined before playback has begun there. */
  forwardMs(): number | undefined;
  /** In order, track by track. May take its time: what comes next waits for it. */
  push(chunk: MeshChunk): Promise<void> | void;
  /** Of so many in a row there was none: they are gone, or not made yet. */
  onMissing(): void;
};

/** Media fetched ahead of the playhead, in ms: bounds what the browser buffers, and outlasts a neighbor
 * that goes silent several times over. */
const AHEAD_MS = 15_000;
/** One track may be ahead of another by this much, in ms. */
const APART_MS = 4000;
/** Chunks under way for one track: hides the round trip, and leaves the order to matter. */
const IN_FLIGHT_MAX = 3;
const TICK_MS = 200;
/** A chunk that is not there is asked for so often, this far apart in ms: it may be just being made. */
const TRIES = 3;
const RETRY_MS = 700;
/** Chunks in a row that nobody has. */
const MISSING_MAX = 5;

type Fed = {
  track: number;
  next: number;
  pushedMs: number;
  queue: Promise<MeshChunk | undefined>[];
};

/** Fetches chunks of the past ahead of the playhead, in order, a few at a time, never too many. */
export class PastFeed {
  readonly #parts: PastFeedParts;
  readonly #tracks: Fed[];
  readonly #timer: ReturnType<typeof setInterval>;
  #missing = 0;
  #isOver = false;

  constructor(tracks: readonly FedTrack[], parts: PastFeedParts) {
    this.#parts = parts;
    this.#tracks = tracks.map(({ track, sequence }) => ({
      track,
      next: sequence,
      pushedMs: 0,
      queue: [],
    }));
    this.#timer = setInterval(() => this.#fill(), TICK_MS);
    this.#fill();
    for (const fed of this.#tracks) void this.#drain(fed);
  }

  close(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  #fill(): void {
    const least = Math.min(...this.#tracks.map(({ pushedMs }) => pushedMs));
    for (const fed of this.#tracks) {
      const aheadMs = this.#parts.forwardMs() ?? least;
      if (aheadMs >= AHEAD_MS || fed.pushedMs - least >= APART_MS) continue;
      while (fed.queue.length < IN_FLIGHT_MAX) fed.queue.push(this.#get(fed.track, fed.next++));
    }
  }

  async #drain(fed: Fed): Promise<void> {
    while (!this.#isOver) {
      const chunk = await (fed.queue[0] ?? pause(TICK_MS));
      if (this.#isOver) return;
      if (fed.queue.length === 0) continue;
      fed.queue.shift();
      if (chunk === undefined) this.#missed();
      else {
        this.#missing = 0;
        await this.#parts.push(chunk);
        fed.pushedMs += chunk.durationMs;
      }
      if (!this.#isOver) this.#fill();
    }
  }

  #missed(): void {
    this.#missing++;
    if (this.#missing < MISSING_MAX) return;
    this.close();
    this.#parts.onMissing();
  }

  async #get(track: number, sequence: number): Promise<MeshChunk | undefined> {
    for (let tried = 1; !this.#isOver; tried++) {
      const chunk = await this.#parts.chunk(track, sequence);
      if (chunk !== undefined || tried === TRIES) return chunk;
      await pause(RETRY_MS);
    }
    return undefined;
  }
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
