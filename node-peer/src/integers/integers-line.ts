import type { MeshChunk } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import { TrackOrder } from "../restream/track-order.ts";
import { FirstChunks } from "./first-chunks.ts";
import { IntegersChecker } from "./integers-checker.ts";

/** The `codec` of a track that carries integers instead of media; docs/protocol.md, section 3. */
const INTEGERS_CODEC = "integers";

/** Finds out whether the stream is one of integers, and has them checked if so. */
export class IntegersLine {
  #order = new TrackOrder();
  #first = new FirstChunks();
  #checker: IntegersChecker | undefined;
  #track: number | undefined;
  #startedAtMs: number | undefined;

  /** Undefined while there are no integers. */
  get checker(): IntegersChecker | undefined {
    return this.#checker;
  }

  describe({ tracks, startedAtMs }: StreamDescriptor): void {
    const index = tracks.findIndex(({ codec }) => codec === INTEGERS_CODEC);
    if (index === -1) return;
    this.#track = index;
    this.#checker ??= new IntegersChecker();
    if (this.#startedAtMs !== undefined && startedAtMs !== this.#startedAtMs) {
      this.#order = new TrackOrder();
      this.#first = new FirstChunks();
      this.#checker.restart();
    }
    this.#startedAtMs = startedAtMs;
  }

  push(chunk: MeshChunk): void {
    if (chunk.track !== this.#track) return;
    // What is left of an earlier run is not counted any more. A run's first chunk begins a little
    // before the run, and ends in it.
    if (chunk.sourceTimeMs + chunk.durationMs < (this.#startedAtMs ?? 0)) return;
    if (!this.#first.hasBegun) return this.#first.push(chunk);
    this.#take(chunk);
  }

  /** Time has passed: what is missing now counts as missing. */
  tick(playheadSourceMs: number): void {
    if (!this.#first.hasBegun) this.#begin(this.#first.tick(playheadSourceMs));
    for (const ordered of this.#order.skipTo(playheadSourceMs)) this.#checker?.push(ordered);
  }

  /** The run is over. What waits behind a hole is not judged: the hole was not due yet. */
  end(): void {
    if (!this.#first.hasBegun) this.#begin(this.#first.begin());
  }

  #begin(chunks: readonly MeshChunk[]): void {
    if (this.#first.hasBegun) this.#checker?.leftOut(this.#first.leftOutCount);
    for (const chunk of chunks) this.#take(chunk);
  }

  #take(chunk: MeshChunk): void {
    for (const ordered of this.#order.push(chunk)) this.#checker?.push(ordered);
  }
}
