import type { MeshContext } from "./context.ts";
import type { Part } from "./part.ts";
import type { Repair } from "./repair.ts";
import type { Timeline } from "./timeline.ts";

/** Without a neighbor for this long, in ms, the stream is taken from the origin: connecting takes
 * six round trips, and a newcomer has a few hundred ms of media to wait with. */
const ALONE_AFTER_MS = 1000;
/** Neighbors that bring nothing new for this long, in ms, are cut off from the source as well. */
const SILENT_AFTER_MS = 500;
/** Time the mesh has for a chunk before it is missed, in ms, and how far cut-off peers spread
 * their fetches, so that the first can give to the others. Guesses. */
const MESH_GRACE_MS = 250;
const SPREAD_MS = 250;
/** Chunks per track a lone peer asks for at once; the origin holds requests for what comes next. */
const FETCHES_WHEN_ALONE = 2;
const RETRY_MS = 500;
const RETRY_MAX_MS = 4000;
/** Pause between looks for a track that nobody has brought a block of, in ms. */
const NEW_TRACK_MS = 3000;
/** Failures in a row after which the numbering itself is doubted and the origin asked anew. */
const FAILURES_BEFORE_JOIN = 3;

/**
 * Plays over plain HTTP while the mesh brings nothing: WebRTC blocked, nobody there yet, or the
 * whole neighborhood cut off from the seeder. New chunks are then known by the clock alone.
 */
export class Lonely implements Part {
  readonly #context: MeshContext;
  readonly #repair: Repair;
  readonly #timeline: Timeline;
  readonly #canConnect: boolean;
  #aloneSinceMs: number | undefined;
  #silentSinceMs: number | undefined;
  #spreadMs = 0;
  #failures = 0;
  #retryAtMs = 0;
  #joinAtMs = 0;
  #isLive = false;
  dueAtMs = 0;

  /** @param canConnect False where there is no WebRTC at all: then there is nothing to wait for. */
  constructor(context: MeshContext, repair: Repair, timeline: Timeline, canConnect: boolean) {
    this.#context = context;
    this.#canConnect = canConnect;
    this.#repair = repair;
    this.#timeline = timeline;
  }

  /** A new block came from a neighbor. */
  meshDelivered(): void {
    this.#silentSinceMs = this.#context.nowMs;
  }

  fetched(): void {
    this.lookAgain();
    this.#failures = 0;
    this.#spreadMs = SPREAD_MS * this.#context.random();
  }

  fetchFailed(): void {
    this.lookAgain();
    this.#failures++;
    const pauseMs = Math.min(RETRY_MS * 2 ** (this.#failures - 1), RETRY_MAX_MS);
    this.#retryAtMs = this.#context.nowMs + pauseMs;
    if (this.#failures % FAILURES_BEFORE_JOIN === 0) this.#context.emit({ type: "join" });
  }

  /** Before a stream is live there is nothing to fetch. */
  setLive(isLive: boolean): void {
    this.#isLive = isLive;
    this.lookAgain();
  }

  /** Something changed: look at once. */
  lookAgain(): void {
    this.dueAtMs = Math.min(this.dueAtMs, this.#context.nowMs);
  }

  housekeep(): void {
    this.dueAtMs = this.#isLive ? this.#housekeep() : Number.POSITIVE_INFINITY;
  }

  #housekeep(): number {
    const { nowMs, neighbors, stripes } = this.#context;
    this.#silentSinceMs ??= nowMs;
    if (neighbors.size > 0 || this.#aloneSinceMs === undefined) this.#aloneSinceMs = nowMs;
    const aloneAtMs = this.#canConnect ? this.#aloneSinceMs + ALONE_AFTER_MS : 0;
    const isAlone = aloneAtMs <= nowMs;
    const cutOffAtMs = neighbors.size === 0 ? aloneAtMs : this.#silentSinceMs + SILENT_AFTER_MS;
    const startMs = Math.max(isAlone ? aloneAtMs : cutOffAtMs, this.#retryAtMs);
    if (nowMs < startMs) return startMs;
    let wakeAtMs = nowMs + 1000;
    for (const track of stripes.tracks()) {
      wakeAtMs = Math.min(wakeAtMs, this.#fetchNext(track, isAlone));
    }
    return wakeAtMs;
  }

  /** A track that came later has no numbers here yet; the origin has them. */
  #joinForNewTrack(): number {
    const { nowMs, store } = this.#context;
    if (store.newestSourceTimeMs() === undefined) return Number.POSITIVE_INFINITY;
    if (this.#joinAtMs <= nowMs) {
      this.#joinAtMs = nowMs + NEW_TRACK_MS;
      this.#context.emit({ type: "join" });
    }
    return this.#joinAtMs;
  }

  #fetchNext(track: number, isAlone: boolean): number {
    const { nowMs, store, sourceOffsetMs } = this.#context;
    const next = this.#repair.nextUnheard(track);
    const newest = store.newest(track);
    if (next === undefined || newest === undefined) return this.#joinForNewTrack();
    const graceMs = isAlone ? -20 : MESH_GRACE_MS + this.#spreadMs;
    for (let ahead = 0; ahead < (isAlone ? FETCHES_WHEN_ALONE : 1); ahead++) {
      const sequence = next + ahead;
      if (this.#repair.isFetching(track, sequence)) continue;
      const sourceTimeMs = this.#timeline.sourceTimeMs(track, sequence) ?? 0;
      const fetchAtMs = sourceTimeMs - sourceOffsetMs + newest.durationMs + graceMs;
      if (fetchAtMs > nowMs) return fetchAtMs;
      this.#repair.fetch(track, sequence);
    }
    return Number.POSITIVE_INFINITY;
  }
}
