import type { KeyObject } from "node:crypto";
import { randomBytes } from "node:crypto";
import type { UseCounter } from "../access/use-counter.ts";
import type { Log } from "../log.ts";
import type { Delivery, Registry } from "../registry.ts";
import type { RegistryChange } from "../registry-change.ts";
import { ChangeReader } from "./change-reader.ts";
import { ChangeWriter } from "./change-writer.ts";
import { clusterKeys } from "./cluster-keys.ts";
import { connectRedis, type RedisClient } from "./redis-client.ts";
import { RedisUseCounter } from "./redis-use-counter.ts";
import { SharedKeys } from "./shared-keys.ts";
import { socketAdapter } from "./socket-adapter.ts";

export type ClusterOptions = {
  /** `redis://host:port`, `rediss://` for TLS. Whoever can write there is trusted. */
  url: string;
  /** In front of the names of everything we keep there. Default `livemesh`. */
  prefix?: string;
  log: Log;
};

type Attachment = {
  registry: Registry;
  nowMs: () => number;
  deliver: (deliveries: readonly Delivery[]) => void;
};

/**
 * Any number of trackers that share streams and swarms through Redis. Each decides with what it has in
 * memory: its own sockets, and what it has heard of those of others. So Redis may be slow, restart
 * or go away; meanwhile each tracker serves its own peers, and knows the others' as they were.
 */
export class Cluster {
  /** Of this tracker, new with each start. */
  readonly self: string = randomBytes(6).toString("hex");
  readonly uses: UseCounter;
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #log: Log;
  readonly #keys: SharedKeys;
  #reader: ChangeReader | undefined;
  #writer: ChangeWriter | undefined;
  readonly #early: RegistryChange[] = [];

  /** @throws {TypeError} In one line, when there is no Redis at that address. */
  static async connect({ url, prefix = "livemesh", log }: ClusterOptions): Promise<Cluster> {
    const client = await connectRedis(url, log);
    return new Cluster(
      client,
      prefix,
      log,
      await SharedKeys.load(client, clusterKeys(prefix).keys),
    );
  }

  private constructor(client: RedisClient, prefix: string, log: Log, keys: SharedKeys) {
    this.#client = client;
    this.#prefix = prefix;
    this.#log = log;
    this.#keys = keys;
    this.uses = new RedisUseCounter(client, prefix);
    client.on("ready", () => {
      keys.store(client, clusterKeys(prefix).keys).catch(() => {});
    });
  }

  get membershipKey(): KeyObject {
    return this.#keys.membershipKey;
  }

  get secret(): Uint8Array {
    return this.#keys.secret;
  }

  /** Other trackers heard of. */
  get trackerCount(): number {
    return this.#reader?.trackerCount ?? 0;
  }

  /** Whether Redis is heard, and others through it. */
  get isFollowing(): boolean {
    return this.#reader?.isFollowing ?? false;
  }

  /** For socket.io. */
  adapter(): ReturnType<typeof socketAdapter> {
    return socketAdapter(this.#client, this.#prefix);
  }

  /** To be told of everything that happens in the registry. */
  note(change: RegistryChange): void {
    if (this.#writer === undefined) this.#early.push(change);
    else this.#writer.note(change);
  }

  /** Read what others know, follow them, and tell them of us. */
  async start({ registry, nowMs, deliver }: Attachment): Promise<void> {
    const common = {
      client: this.#client,
      keys: clusterKeys(this.#prefix),
      self: this.self,
      registry,
      log: this.#log,
      nowMs,
      wallClockMs: Date.now,
    };
    this.#reader = new ChangeReader({ ...common, deliver });
    await this.#reader.start();
    this.#writer = new ChangeWriter(common);
    for (const change of this.#early.splice(0)) this.#writer.note(change);
    await this.#writer.write(true);
  }

  async close(): Promise<void> {
    this.#reader?.close();
    await this.#writer?.close();
    this.#client.destroy();
  }
}
