import type { MeshChunk } from "#mesh";

/** How long a missing chunk is waited for once the forward buffer has run down, in ms. The mesh
 * asks the origin 350 ms before the deadline, so by now the chunk has had every chance. */
const PATIENCE_MS = 300;
/** A forward buffer as short as this, in ms, has run down: below it the decoder stalls. */
const RUN_DOWN_MS = 120;
/** A missing chunk is not waited for longer than this, in ms, whatever is buffered (paused). */
const PATIENCE_MAX_MS = 5000;
/** A gap longer than this, in ms, is no gap but new numbering. */
const RENUMBERED_MS = 60_000;
/** Chunks kept for later: 20 s at 200 ms. Bounds what a gap can make us hold. */
const PENDING_MAX = 100;

/**
 * Puts the chunks of one track in order. Starts at an independent chunk; when a chunk is not worth
 * waiting for any longer, goes on at the next independent one, for decoders cannot go on elsewhere.
 */
export class ChunkQueue {
  readonly #pending = new Map<number, MeshChunk>();
  #next: number | undefined;
  #gapSinceMs: number | undefined;
  #skippedMs = 0;

  /** Media time given up so far, in ms. */
  get skippedMs(): number {
    return this.#skippedMs;
  }

  /** A chunk older than what was already taken is of no use and dropped. */
  push(chunk: MeshChunk): void {
    if (this.#next !== undefined && chunk.sequence < this.#next) return;
    this.#pending.set(chunk.sequence, chunk);
    if (this.#pending.size > PENDING_MAX) this.#pending.delete(Math.min(...this.#pending.keys()));
  }

  /**
   * The chunks that can be appended now, in order.
   * @param forwardBufferMs Media left to play before the gap is reached; 0 before playback.
   */
  take(nowMs: number, forwardBufferMs: number): MeshChunk[] {
    this.#next ??= this.#firstIndependent();
    const taken = this.#takeContiguous();
    if (this.#pending.size === 0 || this.#next === undefined) {
      this.#gapSinceMs = undefined;
      return taken;
    }
    if (taken.length > 0) this.#gapSinceMs = nowMs;
    this.#gapSinceMs ??= nowMs;
    if (taken.length > 0 || !this.#isHopeless(nowMs - this.#gapSinceMs, forwardBufferMs)) {
      return taken;
    }
    const restart = this.#firstIndependent();
    if (restart === undefined) return taken;
    this.#skipTo(restart);
    return this.#takeContiguous();
  }

  #isHopeless(waitedMs: number, forwardBufferMs: number): boolean {
    if (waitedMs >= PATIENCE_MAX_MS) return true;
    return waitedMs >= PATIENCE_MS && forwardBufferMs <= RUN_DOWN_MS;
  }

  #takeContiguous(): MeshChunk[] {
    const taken: MeshChunk[] = [];
    for (let chunk = this.#at(this.#next); chunk !== undefined; chunk = this.#at(this.#next)) {
      this.#pending.delete(chunk.sequence);
      taken.push(chunk);
      this.#next = chunk.sequence + 1;
    }
    return taken;
  }

  #skipTo(sequence: number): void {
    const durationMs = this.#at(sequence)?.durationMs ?? 0;
    const skippedMs = (sequence - (this.#next ?? sequence)) * durationMs;
    // A publisher that was restarted goes on at a far higher number: nothing was lost in between.
    if (skippedMs <= RENUMBERED_MS) this.#skippedMs += skippedMs;
    for (const pending of this.#pending.keys()) {
      if (pending < sequence) this.#pending.delete(pending);
    }
    this.#next = sequence;
    this.#gapSinceMs = undefined;
  }

  #firstIndependent(): number | undefined {
    let first: number | undefined;
    for (const { sequence, isIndependent } of this.#pending.values()) {
      if (isIndependent && (first === undefined || sequence < first)) first = sequence;
    }
    return first;
  }

  #at(sequence: number | undefined): MeshChunk | undefined {
    return sequence === undefined ? undefined : this.#pending.get(sequence);
  }
}
