import type { MeshContext } from "./context.ts";

/** Without a playhead (headless peers, before the first frame) a chunk is due this old, in ms. */
const DEADLINE_WITHOUT_PLAYHEAD_MS = 2500;

/** When chunks were made and when they are needed, also those not seen yet. */
export class Timeline {
  readonly #context: Pick<MeshContext, "nowMs" | "sourceOffsetMs" | "store">;
  #playheadSourceMs: number | undefined;
  #playheadAtMs = 0;

  constructor(context: Pick<MeshContext, "nowMs" | "sourceOffsetMs" | "store">) {
    this.#context = context;
  }

  /**
   * A playhead that stands is one that ought to move: its deadlines pass as if it did. If they
   * waited with it, nothing would be urgent any more and nobody would be asked for what it lacks.
   */
  setPlayhead(playheadSourceMs: number | undefined): void {
    if (playheadSourceMs === this.#playheadSourceMs) return;
    this.#playheadSourceMs = playheadSourceMs;
    this.#playheadAtMs = this.#context.nowMs;
  }

  get sourceNowMs(): number {
    return this.#context.nowMs + this.#context.sourceOffsetMs;
  }

  /** Source time of a chunk; of one not seen, counted from the nearest known end of the track. */
  sourceTimeMs(track: number, sequence: number): number | undefined {
    const { store } = this.#context;
    const known = store.chunk(track, sequence) ?? store.newest(track);
    if (known === undefined) return undefined;
    return known.sourceTimeMs + (sequence - known.sequence) * known.durationMs;
  }

  /** Local time at which the playhead reaches this source time. */
  deadlineMs(sourceTimeMs: number): number {
    if (this.#playheadSourceMs === undefined) {
      return sourceTimeMs + DEADLINE_WITHOUT_PLAYHEAD_MS - this.#context.sourceOffsetMs;
    }
    return this.#playheadAtMs + (sourceTimeMs - this.#playheadSourceMs);
  }
}
