import { createClient } from "redis";
import type { Log } from "../log.ts";

export type RedisClient = ReturnType<typeof openClient>;

/** First and longest pause between tries to connect, in ms. */
const RETRY_MS = { min: 50, max: 1000 };
/** A connection that answers nothing for this long is given up, in ms. */
const SILENCE_MS = 5000;
/** Longest wait for the first connection, in ms: a wrong address is to be told at the start. */
const CONNECT_TIMEOUT_MS = 5000;

/**
 * A connection that comes back by itself, for ever. What is asked while it is away fails at once:
 * nobody waits for Redis, and nothing piles up.
 * @throws {TypeError} In one line, when there is no Redis at that address.
 */
export async function connectRedis(url: string, log: Log): Promise<RedisClient> {
  const client = openClient(url);
  let isUp = true;
  client.on("error", (error: Error) => {
    if (isUp)
      log.warn({ problem: error.message }, "Redis not reachable; going on with what is known");
    isUp = false;
  });
  client.on("ready", () => {
    if (!isUp) log.info({}, "Redis reachable again");
    isUp = true;
  });
  const timer = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("no answer")), CONNECT_TIMEOUT_MS).unref();
  });
  const connecting = client.connect();
  connecting.catch(() => {});
  const failed = new Promise<never>((_, reject) => client.once("error", reject));
  try {
    await Promise.race([connecting, failed, timer]);
  } catch (cause) {
    client.destroy();
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`no Redis at ${withoutPassword(url)} (${problem})`, { cause });
  }
  failed.catch(() => {});
  return client;
}

function openClient(url: string) {
  return createClient({
    url,
    pingInterval: 1000,
    socket: {
      connectTimeout: 2000,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) =>
        Math.min(RETRY_MS.min * 2 ** Math.min(retries, 10), RETRY_MS.max) * (0.5 + Math.random()),
    },
  });
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
