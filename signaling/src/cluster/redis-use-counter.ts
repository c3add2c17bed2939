import { MemoryUseCounter, type UseCounter } from "../access/use-counter.ts";
import type { RedisClient } from "./redis-client.ts";

/** Counts uses of tokens for all trackers together; for this one alone while Redis is away. */
export class RedisUseCounter implements UseCounter {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #alone = new MemoryUseCounter();

  constructor(client: RedisClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  async take(id: string, who: string, max: number, untilMs: number): Promise<boolean> {
    if (!this.#client.isReady) return this.#alone.take(id, who, max, untilMs);
    const key = `${this.#prefix}:uses:${id}`;
    try {
      const [added, count] = (await this.#client
        .multi()
        .sAdd(key, who)
        .sCard(key)
        .pExpireAt(key, Math.ceil(untilMs))
        .exec()) as unknown as [number, number];
      if (added === 0 || count <= max) return true;
      await this.#client.sRem(key, who);
      return false;
    } catch {
      return this.#alone.take(id, who, max, untilMs);
    }
  }
}
