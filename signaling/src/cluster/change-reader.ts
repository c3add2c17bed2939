import type { Log } from "../log.ts";
import type { Delivery, Registry } from "../registry.ts";
import type { TrackerId } from "../swarm.ts";
import { decodeChanges, decodeMember, decodeStream, PRESENT_FIELD } from "./change-codec.ts";
import { CLUSTER_TIMES, type ClusterKeys } from "./cluster-keys.ts";
import type { RedisClient } from "./redis-client.ts";

type ChangeReaderConfig = {
  client: RedisClient;
  keys: ClusterKeys;
  self: TrackerId;
  registry: Registry;
  log: Log;
  nowMs: () => number;
  wallClockMs: () => number;
  deliver: (deliveries: readonly Delivery[]) => void;
};

/** Another tracker, as far as we have heard of it. */
type Known = { number: number; heardAtMs: number };

/** A read comes back after this time at the latest, in ms, and shows that Redis is there. */
const BLOCK_MS = 500;
/** Redis counts as there for this long after it answered, in ms. */
const FRESH_MS = 2000;
const RETRY_MS = 200;

/**
 * Follows what happens at other trackers. Who was missed something of is read anew; who is silent is
 * forgotten, but only while Redis itself is heard: without it, everybody stays as they were.
 */
export class ChangeReader {
  readonly #config: ChangeReaderConfig;
  readonly #trackers = new Map<TrackerId, Known>();
  #position = "0";
  #reading: RedisClient | undefined;
  #isClosed = false;
  /** When Redis answered last, and since when it has without a gap. */
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #steadySinceMs = 0;
  readonly #sweep: ReturnType<typeof setInterval>;

  constructor(config: ChangeReaderConfig) {
    this.#config = config;
    this.#sweep = setInterval(() => this.#forgetSilent(), CLUSTER_TIMES.beatMs / 2);
    this.#sweep.unref();
  }

  /** Trackers heard of, besides this one. */
  get trackerCount(): number {
    return this.#trackers.size;
  }

  /** Whether Redis has answered within the last seconds. */
  get isFollowing(): boolean {
    return this.#config.nowMs() - this.#answeredAtMs < FRESH_MS;
  }

  /** Read all there is, and follow from there on. */
  async start(): Promise<void> {
    const { client, keys } = this.#config;
    // First the place in the log, then the state: what changes in between is heard twice.
    const newest = await client.xRevRange(keys.log, "+", "-", { COUNT: 1 });
    this.#position = newest?.[0]?.id ?? "0-0";
    await this.#loadStreams();
    for (const tracker of await this.#livingTrackers()) await this.#load(tracker, 0);
    this.#answered();
    const reading = client.duplicate() as RedisClient;
    reading.on("error", () => {});
    this.#reading = reading;
    await reading.connect();
    void this.#follow(reading);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    this.#reading?.destroy();
  }

  async #follow(reading: RedisClient): Promise<void> {
    const { keys, log } = this.#config;
    while (!this.#isClosed) {
      try {
        const places = [{ key: keys.log, id: this.#position }];
        const found = await reading.xRead(places, { BLOCK: BLOCK_MS, COUNT: 500 });
        this.#answered();
        for (const { id, message } of entriesOf(found)) {
          await this.#heard(message);
          this.#position = id;
        }
        if (found !== null) await pause(CLUSTER_TIMES.batchMs / 2);
      } catch (error) {
        if (this.#isClosed) return;
        log.debug({ err: error }, "changes not read from Redis");
        await pause(RETRY_MS);
      }
    }
  }

  async #heard(entry: Entry): Promise<void> {
    const { self, registry, nowMs, wallClockMs, deliver } = this.#config;
    const { by, n, c = "[]", anew, end } = entry;
    if (by === self) return;
    if (end !== undefined) return this.#forget(by, "stopped");
    const number = Number(n);
    const known = this.#trackers.get(by);
    const isMissed = known === undefined || anew !== undefined || number > known.number + 1;
    if (isMissed) await this.#load(by, number);
    else if (number <= known.number) return;
    this.#trackers.set(by, { number, heardAtMs: nowMs() });
    for (const change of decodeChanges(c, wallClockMs())) {
      deliver(registry.apply(by, change, nowMs()));
    }
  }

  /** All members of one tracker, as they stand in its hash. */
  async #load(tracker: TrackerId, number: number): Promise<void> {
    const { client, keys, registry, log, nowMs, deliver } = this.#config;
    const fields = await client.hGetAll(keys.members(tracker));
    const joined = Object.entries(fields)
      .filter(([field]) => field !== PRESENT_FIELD)
      .map(([field, text]) => decodeMember(field, text));
    await this.#loadStreams();
    this.#trackers.set(tracker, { number, heardAtMs: nowMs() });
    deliver(registry.replaceTracker(tracker, joined));
    log.debug({ tracker, members: joined.length }, "tracker read");
  }

  async #loadStreams(): Promise<void> {
    const { client, keys, registry, self, log, nowMs, wallClockMs, deliver } = this.#config;
    const living = new Set(await this.#livingTrackers());
    for (const text of Object.values(await client.hGetAll(keys.streams))) {
      try {
        const { stream, by } = decodeStream(text, wallClockMs());
        if (by === self) continue;
        const isLost = stream.phase === "here" && !living.has(by);
        const change = isLost ? { ...stream, phase: "stored" as const } : stream;
        deliver(registry.apply(by, { type: "stream", stream: change }, nowMs()));
      } catch (error) {
        log.warn({ err: error }, "a stream in Redis cannot be read, left out");
      }
    }
  }

  async #livingTrackers(): Promise<TrackerId[]> {
    const { client, keys, self, wallClockMs } = this.#config;
    const since = wallClockMs() - 2 * CLUSTER_TIMES.goneMs;
    const living = await client.zRangeByScore(keys.trackers, since, "+inf");
    return living.filter((id) => id !== self);
  }

  #answered(): void {
    const nowMs = this.#config.nowMs();
    if (nowMs - this.#answeredAtMs > FRESH_MS) this.#steadySinceMs = nowMs;
    this.#answeredAtMs = nowMs;
  }

  #forgetSilent(): void {
    const nowMs = this.#config.nowMs();
    if (!this.isFollowing || nowMs - this.#steadySinceMs < CLUSTER_TIMES.goneMs) return;
    for (const [tracker, { heardAtMs }] of this.#trackers) {
      if (nowMs - heardAtMs > CLUSTER_TIMES.goneMs) this.#forget(tracker, "silent");
    }
  }

  #forget(tracker: TrackerId, why: "stopped" | "silent"): void {
    const { client, keys, registry, log, nowMs } = this.#config;
    if (!this.#trackers.delete(tracker)) return;
    log[why === "silent" ? "warn" : "info"]({ tracker, why }, "another tracker is gone");
    registry.forgetTracker(tracker, nowMs());
    if (why === "stopped") return;
    const gone = client.multi().del(keys.members(tracker)).zRem(keys.trackers, tracker).exec();
    gone.catch(() => {});
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

type Entry = { by: string; n: string; c?: string; anew?: string; end?: string };

function entriesOf(found: unknown): { id: string; message: Entry }[] {
  const [stream] = (found ?? []) as { messages: { id: string; message: Entry }[] }[];
  return stream?.messages ?? [];
}
