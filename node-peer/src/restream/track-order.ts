import type { MeshChunk } from "#mesh";

/** A chunk in its place, and how many before it never came. */
export type OrderedChunk = { chunk: MeshChunk; missing: number };

/** Chunks kept behind a hole: longer than any peer keeps them for others, at the shortest chunks. */
const WAITING_MAX = 512;

/**
 * Puts one track's chunks in order. What is in order goes on at once; behind a hole, chunks wait
 * until the playhead reaches them.
 */
export class TrackOrder {
  readonly #waiting = new Map<number, MeshChunk>();
  #next: number | undefined;

  push(chunk: MeshChunk): OrderedChunk[] {
    this.#next ??= chunk.sequence;
    if (chunk.sequence < this.#next) return [];
    this.#waiting.set(chunk.sequence, chunk);
    const ready = this.#takeReady(0);
    return this.#waiting.size > WAITING_MAX ? [...ready, ...this.#skipHole()] : ready;
  }

  /** Holes in front of what is due now are given up. */
  skipTo(playheadSourceMs: number): OrderedChunk[] {
    const ready: OrderedChunk[] = [];
    for (let first = this.#oldest(); first !== undefined; first = this.#oldest()) {
      if (first.sourceTimeMs > playheadSourceMs) break;
      ready.push(...this.#skipHole());
    }
    return ready;
  }

  /** Everything that waits, holes given up. */
  flush(): OrderedChunk[] {
    return this.skipTo(Number.POSITIVE_INFINITY);
  }

  #skipHole(): OrderedChunk[] {
    const first = this.#oldest();
    if (first === undefined || this.#next === undefined) return [];
    const missing = first.sequence - this.#next;
    this.#next = first.sequence;
    return this.#takeReady(missing);
  }

  #takeReady(missingBefore: number): OrderedChunk[] {
    const ready: OrderedChunk[] = [];
    let missing = missingBefore;
    for (let next = this.#next; next !== undefined; this.#next = ++next) {
      const chunk = this.#waiting.get(next);
      if (chunk === undefined) break;
      this.#waiting.delete(next);
      ready.push({ chunk, missing });
      missing = 0;
    }
    return ready;
  }

  #oldest(): MeshChunk | undefined {
    let oldest: MeshChunk | undefined;
    for (const chunk of this.#waiting.values()) {
      if (oldest === undefined || chunk.sequence < oldest.sequence) oldest = chunk;
    }
    return oldest;
  }
}
