import type { Log } from "../log.ts";
import type { Registry } from "../registry.ts";
import type { RegistryChange } from "../registry-change.ts";
import type { TrackerId } from "../swarm.ts";
import {
  encodeChanges,
  encodeMember,
  encodeStream,
  memberField,
  PRESENT_FIELD,
} from "./change-codec.ts";
import { CLUSTER_TIMES, type ClusterKeys, LOG_LENGTH } from "./cluster-keys.ts";
import type { RedisClient } from "./redis-client.ts";

type ChangeWriterConfig = {
  client: RedisClient;
  keys: ClusterKeys;
  self: TrackerId;
  registry: Registry;
  log: Log;
  wallClockMs: () => number;
};

/** A member to write to our hash, or `undefined` to remove it. */
type FieldChange = string | undefined;

/**
 * Tells other trackers what happens at our sockets: in a log, for those that listen, and in a hash, for
 * those that come later. Both in one transaction, so that they never disagree. When Redis was away,
 * everything is said anew.
 */
export class ChangeWriter {
  readonly #config: ChangeWriterConfig;
  readonly #waiting: RegistryChange[] = [];
  #number = 0;
  /** What Redis has of us is not what is so: say everything anew. */
  #isBehind = true;
  #isWriting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #beat: ReturnType<typeof setInterval>;

  constructor(config: ChangeWriterConfig) {
    this.#config = config;
    this.#beat = setInterval(() => void this.write(true), CLUSTER_TIMES.beatMs);
    this.#beat.unref();
    config.client.on("ready", () => void this.write(true));
  }

  note(change: RegistryChange): void {
    this.#waiting.push(change);
    this.#timer ??= setTimeout(() => void this.write(false), CLUSTER_TIMES.batchMs);
  }

  /** @param isSignOfLife Also when there is nothing to say. */
  async write(isSignOfLife: boolean): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isWriting) {
      // After this one.
      if (this.#waiting.length > 0) this.#later();
      return;
    }
    const changes = this.#waiting.splice(0);
    if (changes.length === 0 && !isSignOfLife && !this.#isBehind) return;
    this.#isWriting = true;
    try {
      await this.#send(changes);
    } catch (error) {
      this.#isBehind = true;
      this.#config.log.debug({ err: error }, "changes not written to Redis");
    } finally {
      this.#isWriting = false;
    }
    if (this.#waiting.length > 0) this.#later();
  }

  /** We go: nothing of us stays but the streams. */
  async close(): Promise<void> {
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
    const { client, keys, self } = this.#config;
    if (!client.isReady) return;
    const batch = client.multi();
    this.#appendStreams(batch, this.#waiting);
    await batch
      .del(keys.members(self))
      .zRem(keys.trackers, self)
      .xAdd(keys.log, "*", { by: self, n: "0", end: "1" })
      .exec()
      .catch(() => {});
  }

  #later(): void {
    this.#timer ??= setTimeout(() => void this.write(false), CLUSTER_TIMES.batchMs);
  }

  async #send(changes: readonly RegistryChange[]): Promise<void> {
    const { client, keys, self, wallClockMs } = this.#config;
    if (!client.isReady) throw new Error("Redis is away");
    const isAnew = this.#isBehind;
    this.#isBehind = false;
    const batch = client.multi().hExists(keys.members(self), PRESENT_FIELD) as unknown as Batch;
    if (isAnew) this.#appendEverything(batch);
    else {
      this.#appendStreams(batch, changes);
      this.#appendMembers(batch, changes);
    }
    this.#number++;
    batch
      .zAdd(keys.trackers, { score: wallClockMs(), value: self })
      .pExpire(keys.members(self), CLUSTER_TIMES.membersLifeMs)
      .xAdd(
        keys.log,
        "*",
        {
          by: self,
          n: `${this.#number}`,
          ...(isAnew && { anew: "1" }),
          c: isAnew ? this.#allStreams() : encodeChanges(changes, self, wallClockMs()),
        },
        { TRIM: { strategy: "MAXLEN", strategyModifier: "~", threshold: LOG_LENGTH } },
      );
    const answers = await batch.exec();
    // Somebody took us for gone, or Redis lost it: everything has to be said again.
    const [wasPresent] = answers as unknown as [unknown];
    if (isAnew || Number(wasPresent) !== 0) return;
    this.#isBehind = true;
    this.#later();
  }

  #appendStreams(batch: Batch, changes: readonly RegistryChange[]): void {
    const { keys, self, wallClockMs } = this.#config;
    for (const change of changes) {
      if (change.type === "forgotten") batch.hDel(keys.streams, change.streamId);
      if (change.type !== "stream") continue;
      const { streamId } = change.stream.descriptor;
      batch.hSet(keys.streams, streamId, encodeStream(change.stream, self, wallClockMs()));
    }
  }

  #appendMembers(batch: Batch, changes: readonly RegistryChange[]): void {
    const { keys, self } = this.#config;
    const fields = new Map<string, FieldChange>();
    for (const change of changes) {
      if (change.type === "joined") {
        fields.set(memberField(change.streamId, change.member.record.peerId), encodeMember(change));
      } else if (change.type === "left") {
        fields.set(memberField(change.streamId, change.peerId), undefined);
      }
    }
    const set = [...fields].filter((field): field is [string, string] => field[1] !== undefined);
    const removed = [...fields].filter(([, value]) => value === undefined).map(([name]) => name);
    if (set.length > 0) batch.hSet(keys.members(self), set.flat());
    if (removed.length > 0) batch.hDel(keys.members(self), removed);
  }

  #appendEverything(batch: Batch): void {
    const { keys, self, registry, wallClockMs } = this.#config;
    const fields: string[] = [];
    for (const { streamId, member } of registry.ownMembers()) {
      fields.push(
        memberField(streamId, member.record.peerId),
        encodeMember({ type: "joined", streamId, member }),
      );
    }
    batch.del(keys.members(self)).hSet(keys.members(self), [PRESENT_FIELD, "1", ...fields]);
    for (const { stream, isOwn } of this.#streams()) {
      const text = encodeStream(stream, self, wallClockMs());
      // Of what others publish we only know that it exists.
      if (isOwn) batch.hSet(keys.streams, stream.descriptor.streamId, text);
      else batch.hSetNX(keys.streams, stream.descriptor.streamId, text);
    }
  }

  #allStreams(): string {
    const { self, wallClockMs } = this.#config;
    const changes = [...this.#streams()]
      .filter(({ isOwn }) => isOwn)
      .map(({ stream }) => ({ type: "stream", stream }) as const);
    return encodeChanges(changes, self, wallClockMs());
  }

  *#streams() {
    const { registry } = this.#config;
    for (const stream of registry.snapshots()) {
      const isOwn = registry.isPublishedHere(stream.descriptor.streamId);
      yield { isOwn, stream: isOwn ? stream : { ...stream, phase: "stored" as const } };
    }
  }
}

type Batch = ReturnType<RedisClient["multi"]>;
