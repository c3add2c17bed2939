import type { Block } from "#protocol";
import type { FetchFailureReason, OriginClient } from "../origin/index.ts";

/** Browsers open six connections to a host over HTTP/1.1; more would wait there, out of reach. */
const RUNNING_MAX = 6;
/** Chunks waiting: some seconds of every track; beyond that the mesh or a rejoin must do. */
const WAITING_MAX = 64;

/** `indexes`: only these blocks of it. */
export type FetchedChunk = {
  trackId: string;
  sequence: number;
  indexes?: readonly number[] | undefined;
};

type FetchQueueConfig<C extends FetchedChunk> = {
  origin: Pick<OriginClient, "chunkBlocks">;
  onFetched: (chunk: C, blocks: readonly Block[]) => void;
  onFailed: (chunk: C, reason: FetchFailureReason) => void;
};

/** Gets chunks from the origin, a few at a time, in the order asked. Each ends in one callback. */
export class FetchQueue<C extends FetchedChunk> {
  readonly #config: FetchQueueConfig<C>;
  readonly #waiting: C[] = [];
  readonly #abort = new AbortController();
  #running = 0;

  constructor(config: FetchQueueConfig<C>) {
    this.#config = config;
  }

  add(chunk: C): void {
    if (this.#waiting.length >= WAITING_MAX) {
      queueMicrotask(() => this.#config.onFailed(chunk, "refused"));
      return;
    }
    this.#waiting.push(chunk);
    this.#runNext();
  }

  /** Ends all requests. What was under way still ends in `onFailed`. */
  close(): void {
    this.#waiting.length = 0;
    this.#abort.abort();
  }

  #runNext(): void {
    if (this.#running >= RUNNING_MAX) return;
    const chunk = this.#waiting.shift();
    if (chunk === undefined) return;
    this.#running++;
    void this.#run(chunk);
  }

  async #run(chunk: C): Promise<void> {
    const { origin, onFetched, onFailed } = this.#config;
    const { trackId, sequence, indexes } = chunk;
    const { signal } = this.#abort;
    const result = await origin.chunkBlocks(trackId, sequence, signal, indexes);
    this.#running--;
    this.#runNext();
    if (result.ok) onFetched(chunk, result.blocks);
    else onFailed(chunk, result.reason);
  }
}
