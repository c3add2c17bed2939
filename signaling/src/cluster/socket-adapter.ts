import { createAdapter } from "@socket.io/redis-streams-adapter";
import type { RedisClient } from "./redis-client.ts";

/** Relays kept for trackers that read late: a few seconds of a busy cluster. */
const STREAM_LENGTH = 10_000;
/** Longest wait for a session that may be restored, in ms. */
const RESTORE_TIMEOUT_MS = 500;

/** How long a client that lost its connection is remembered with its rooms, in ms. */
export const SESSION_MS = 30_000;

type AdapterFactory = ReturnType<typeof createAdapter>;

/**
 * socket.io's adapter for Redis Streams, made to live without Redis for a while: what it sends then is
 * lost (negotiation is tried again by itself), and nobody waits for a session to be restored.
 */
export function socketAdapter(client: RedisClient, prefix: string): AdapterFactory {
  const inner = createAdapter(guarded(client), {
    streamName: `${prefix}:sockets`,
    channelPrefix: `${prefix}:sockets`,
    sessionKeyPrefix: `${prefix}:session:`,
    maxLen: STREAM_LENGTH,
    readCount: 500,
    // Below the silence after which a connection counts as dead.
    blockTimeInMs: 1000,
    onlyPlaintext: true,
  });
  // socket.io calls it with `new`, which arrow functions refuse.
  function create(namespace: Parameters<AdapterFactory>[0]) {
    const adapter = inner(namespace);
    const restore = adapter.restoreSession.bind(adapter);
    adapter.restoreSession = (...args: Parameters<typeof restore>) =>
      client.isReady
        ? Promise.race([restore(...args), refusedAfter(RESTORE_TIMEOUT_MS)])
        : Promise.reject(new Error("Redis is away"));
    return adapter;
  }
  return create;
}

const WRITES = new Set<PropertyKey>(["xAdd", "publish", "set"]);

/** The adapter does not look at what becomes of some of its writes; without Redis they must fail
 * quietly, and must not wait for it. */
function guarded(client: RedisClient): RedisClient {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const call = value.bind(target) as (...args: unknown[]) => unknown;
      if (!WRITES.has(name)) return call;
      return (...args: unknown[]) => {
        const written = target.isReady
          ? (call(...args) as Promise<unknown>)
          : Promise.reject(new Error("Redis is away"));
        written.catch(() => {});
        return written;
      };
    },
  });
}

function refusedAfter(timeoutMs: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("no session in time")), timeoutMs).unref();
  });
}
