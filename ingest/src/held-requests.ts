import type { HeldChunk } from "./chunk-window.ts";

/** Requests for chunks that are about to be made. Bounded in number and time. */
export class HeldRequests {
  readonly #max: number;
  readonly #maxMs: number;
  readonly #waiting = new Map<string, Set<(chunk: HeldChunk | undefined) => void>>();
  #count = 0;

  constructor({ heldRequests, heldMs }: { heldRequests: number; heldMs: number }) {
    this.#max = heldRequests;
    this.#maxMs = heldMs;
  }

  get isFull(): boolean {
    return this.#count >= this.#max;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * The chunk as soon as it exists, or undefined when it does not come in time.
   * @param onGone Called with what to do when nobody waits for the answer any more.
   */
  wait(
    track: number,
    sequence: number,
    onGone: (give: () => void) => unknown,
  ): Promise<HeldChunk | undefined> {
    return new Promise((resolve) => {
      const key = keyOf(track, sequence);
      const waiting = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, waiting);
      const settle = (chunk: HeldChunk | undefined) => {
        if (!waiting.delete(settle)) return;
        this.#count--;
        clearTimeout(timer);
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
        resolve(chunk);
      };
      const timer = setTimeout(() => settle(undefined), this.#maxMs);
      waiting.add(settle);
      this.#count++;
      onGone(() => settle(undefined));
    });
  }

  chunkMade(chunk: HeldChunk): void {
    const waiting = this.#waiting.get(keyOf(chunk.track, chunk.sequence));
    for (const settle of [...(waiting ?? [])]) settle(chunk);
  }

  /** Let all go, unanswered. */
  close(): void {
    for (const waiting of [...this.#waiting.values()]) {
      for (const settle of [...waiting]) settle(undefined);
    }
  }
}

function keyOf(track: number, sequence: number): string {
  return `${track}/${sequence}`;
}
