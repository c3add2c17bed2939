import type {
  Announce,
  PeerId,
  PeerRecord,
  PublisherStats,
  Reply,
  Signal,
  SignedDescriptor,
  StreamDescriptor,
  StreamId,
  TrackerErrorCode,
  TrackerFailure,
} from "#protocol";
import { TRACKER_LIMITS } from "#protocol";
import type { RegistryLimits } from "./limits.ts";
import { type Member, type SocketId, Swarm } from "./swarm.ts";

export type RegistryOptions = {
  limits: RegistryLimits;
  /** How long a stream without publisher stays listed, in ms. */
  graceMs: number;
  /** Uniform in [0, 1); draws introductions. */
  random: () => number;
};

/** What others have to be told because of one call. */
export type Delivery = { to: readonly SocketId[] } & (
  | { event: "introduce"; message: { peers: PeerRecord[] } }
  | { event: "relay"; message: { from: PeerRecord; signal: Signal } }
  | { event: "descriptor"; message: { descriptor: SignedDescriptor } }
);

export type Outcome<T> = { reply: Reply<T>; deliveries: Delivery[] };

/**
 * - `here`: its socket is open.
 * - `gone`: it vanished; the stream stays listed for the grace period.
 * - `ended`: it said so, or the grace period is over: not listed, kept only for the swarm's sake.
 */
export type PublisherPhase =
  | { phase: "here"; socketId: SocketId }
  | { phase: "gone"; sinceMs: number }
  | { phase: "ended"; sinceMs: number };

export type StreamEntry = {
  descriptor: StreamDescriptor;
  signed: SignedDescriptor;
  publisher: PublisherPhase;
  readonly swarm: Swarm;
  stats: PublisherStats;
};

type SocketState = {
  membership: { streamId: StreamId; peerId: PeerId } | undefined;
  readonly published: Set<StreamId>;
};

/**
 * Which streams there are, who watches them, and who was introduced to whom. Pure: messages come
 * in checked, what to send comes out. Everything a socket did ends with {@link disconnected}.
 */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #streams = new Map<StreamId, StreamEntry>();
  readonly #sockets = new Map<SocketId, SocketState>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Streams to show, oldest first: those with a publisher, or without one for a short time. */
  listed(): StreamEntry[] {
    return [...this.#streams.values()].filter(isListed);
  }

  /** A listed stream. */
  stream(id: StreamId): StreamEntry | undefined {
    const stream = this.#streams.get(id);
    return stream !== undefined && isListed(stream) ? stream : undefined;
  }

  isPublisher(socketId: SocketId): boolean {
    return (this.#sockets.get(socketId)?.published.size ?? 0) > 0;
  }

  /** The caller has checked the signature, the key and the proof. */
  publish(
    socketId: SocketId,
    descriptor: StreamDescriptor,
    signed: SignedDescriptor,
  ): Outcome<Record<never, never>> {
    const id = descriptor.streamId;
    const { published } = this.#socket(socketId);
    const known = this.#streams.get(id);
    if (!published.has(id) && published.size >= this.#options.limits.streamsPerSocket) {
      return refused("too-many", "this socket publishes as many streams as one may");
    }
    if (known === undefined && !this.#makeRoom()) {
      return refused("full", "the tracker holds as many streams as it may");
    }
    if (known !== undefined && isOlder(descriptor, signed, known)) {
      return refused(
        "not-allowed",
        `revision ${descriptor.revision} is not above ${known.descriptor.revision}`,
      );
    }
    published.add(id);
    const publisher = { phase: "here", socketId } as const;
    if (known === undefined) {
      const swarm = new Swarm();
      this.#streams.set(id, { descriptor, signed, publisher, swarm, stats: noStats(id) });
      return { reply: { ok: true }, deliveries: [] };
    }
    this.#takeOver(known, socketId);
    const isNews = known.signed.body !== signed.body;
    Object.assign(known, { descriptor, signed, publisher });
    if (!isNews) return { reply: { ok: true }, deliveries: [] };
    const to = socketsOf(known.swarm, socketId);
    return {
      reply: { ok: true },
      deliveries: [{ to, event: "descriptor", message: { descriptor: signed } }],
    };
  }

  unpublish(socketId: SocketId, id: StreamId, nowMs: number): Outcome<Record<never, never>> {
    const stream = this.#publishedBy(socketId, id);
    if (stream === undefined) return refused("not-allowed", "not the publisher of this stream");
    stream.publisher = { phase: "ended", sinceMs: nowMs };
    this.#sockets.get(socketId)?.published.delete(id);
    const { seeder } = stream.swarm;
    if (seeder?.socketId === socketId) this.#leave(socketId);
    return { reply: { ok: true }, deliveries: [] };
  }

  /** @returns False when the socket does not publish that stream. */
  notePublisherStats(socketId: SocketId, stats: PublisherStats): boolean {
    const stream = this.#publishedBy(socketId, stats.streamId);
    if (stream !== undefined) stream.stats = stats;
    return stream !== undefined;
  }

  /** Become a member of a swarm, or say again that one is. Ends any other membership. */
  announce(
    socketId: SocketId,
    { streamId, peerId, role, want }: Announce,
  ): Outcome<{ descriptor: SignedDescriptor; peers: PeerRecord[]; viewers: number }> {
    const stream = this.stream(streamId);
    if (stream === undefined) return refused("unknown-stream", `no stream ${streamId} here`);
    if (role === "seeder" && this.#publishedBy(socketId, streamId) === undefined) {
      return refused("not-allowed", "only the publisher of a stream is its seeder");
    }
    const held = stream.swarm.get(peerId);
    if (held !== undefined && held.socketId !== socketId) {
      return refused("peer-id-taken", `another socket is ${peerId}`);
    }
    const isNew = held === undefined || held.record.role !== role;
    if (isNew) {
      this.#leave(socketId);
      if (role === "viewer" && stream.swarm.size >= this.#options.limits.peersPerStream) {
        return refused("full", "the swarm has as many peers as it may");
      }
      const { seeder } = stream.swarm;
      if (role === "seeder" && seeder !== undefined) stream.swarm.remove(seeder.record.peerId);
      stream.swarm.add({ record: { peerId, role }, socketId, introduced: new Set() });
      this.#socket(socketId).membership = { streamId, peerId };
    }
    const member = stream.swarm.get(peerId);
    if (member === undefined) throw new Error("a peer that was just added is a member");
    const peers = this.#introduce(stream.swarm, member, want);
    const isBack = isNew && role === "seeder";
    return {
      reply: { ok: true, descriptor: stream.signed, peers, viewers: stream.swarm.viewerCount },
      deliveries: isBack ? this.#introduceSeeder(stream.swarm, member) : [],
    };
  }

  /** Which swarm a socket is a member of, and as whom. */
  placeOf(socketId: SocketId): { streamId: StreamId; record: PeerRecord } | undefined {
    const place = this.#place(socketId);
    return place && { streamId: place.stream.descriptor.streamId, record: place.member.record };
  }

  findPeers(socketId: SocketId, want: number): Outcome<{ peers: PeerRecord[]; viewers: number }> {
    const place = this.#place(socketId);
    if (place === undefined) return notAnnounced();
    const peers = this.#introduce(place.stream.swarm, place.member, want);
    return {
      reply: { ok: true, peers, viewers: place.stream.swarm.viewerCount },
      deliveries: [],
    };
  }

  relay(socketId: SocketId, to: PeerId, signal: Signal): Outcome<Record<never, never>> {
    const place = this.#place(socketId);
    if (place === undefined) return notAnnounced();
    const { member, stream } = place;
    const target = stream.swarm.get(to);
    const knowEachOther =
      member.introduced.has(to) || target?.introduced.has(member.record.peerId) === true;
    if (target === undefined || !knowEachOther) {
      return refused("not-allowed", `${to} is not here, or was not introduced`);
    }
    const message = { from: member.record, signal };
    return {
      reply: { ok: true },
      deliveries: [{ to: [target.socketId], event: "relay", message }],
    };
  }

  leave(socketId: SocketId): Outcome<Record<never, never>> {
    this.#leave(socketId);
    return { reply: { ok: true }, deliveries: [] };
  }

  /** The socket is gone. Its streams stay listed for the grace period, their swarms go on. */
  disconnected(socketId: SocketId, nowMs: number): void {
    this.#leave(socketId);
    for (const id of this.#sockets.get(socketId)?.published ?? []) {
      const stream = this.#streams.get(id);
      if (stream !== undefined) stream.publisher = { phase: "gone", sinceMs: nowMs };
    }
    this.#sockets.delete(socketId);
  }

  /** Forget what is over. To be called every second or so. */
  sweep(nowMs: number): void {
    for (const [id, stream] of this.#streams) {
      const { publisher } = stream;
      if (publisher.phase === "here" || nowMs - publisher.sinceMs < this.#options.graceMs) continue;
      stream.publisher = { phase: "ended", sinceMs: publisher.sinceMs };
      if (stream.swarm.size === 0) this.#streams.delete(id);
    }
  }

  #introduce(swarm: Swarm, member: Member, want: number): PeerRecord[] {
    const { peerId } = member.record;
    const { seeder } = swarm;
    const first = seeder === undefined || seeder === member ? [] : [seeder];
    const room = Math.min(want, TRACKER_LIMITS.introduce - first.length);
    const found = [...first, ...swarm.introductions(room, this.#options.random, peerId)];
    for (const { record } of found) this.#remember(member, record.peerId);
    return found.map(({ record }) => record);
  }

  /** Viewers that lost the seeder learn its name; those it was told of, it dials itself. */
  #introduceSeeder(swarm: Swarm, seeder: Member): Delivery[] {
    const { limits, random } = this.#options;
    const viewers = swarm
      .sample(limits.seederIntroductions, random)
      .filter(({ record }) => !seeder.introduced.has(record.peerId));
    if (viewers.length === 0) return [];
    for (const viewer of viewers) this.#remember(viewer, seeder.record.peerId);
    const to = viewers.map(({ socketId }) => socketId);
    return [{ to, event: "introduce", message: { peers: [seeder.record] } }];
  }

  #remember({ introduced }: Member, peerId: PeerId): void {
    introduced.delete(peerId);
    introduced.add(peerId);
    for (const oldest of introduced) {
      if (introduced.size <= this.#options.limits.introductionsPerPeer) return;
      introduced.delete(oldest);
    }
  }

  #leave(socketId: SocketId): void {
    const socket = this.#sockets.get(socketId);
    if (socket?.membership === undefined) return;
    const { streamId, peerId } = socket.membership;
    socket.membership = undefined;
    const swarm = this.#streams.get(streamId)?.swarm;
    if (swarm?.get(peerId)?.socketId === socketId) swarm.remove(peerId);
  }

  /** The key's holder is always right: the socket it used before may be dead without knowing. */
  #takeOver(stream: StreamEntry, by: SocketId): void {
    const { publisher, swarm } = stream;
    if (publisher.phase !== "here" || publisher.socketId === by) return;
    this.#sockets.get(publisher.socketId)?.published.delete(stream.descriptor.streamId);
    if (swarm.seeder?.socketId === publisher.socketId) this.#leave(publisher.socketId);
  }

  #place(socketId: SocketId): { stream: StreamEntry; member: Member } | undefined {
    const membership = this.#sockets.get(socketId)?.membership;
    if (membership === undefined) return undefined;
    const stream = this.#streams.get(membership.streamId);
    const member = stream?.swarm.get(membership.peerId);
    if (stream === undefined || member?.socketId !== socketId) return undefined;
    return { stream, member };
  }

  #publishedBy(socketId: SocketId, id: StreamId): StreamEntry | undefined {
    const stream = this.#streams.get(id);
    const publisher = stream?.publisher;
    return publisher?.phase === "here" && publisher.socketId === socketId ? stream : undefined;
  }

  #socket(socketId: SocketId): SocketState {
    const known = this.#sockets.get(socketId);
    if (known !== undefined) return known;
    const fresh: SocketState = { membership: undefined, published: new Set() };
    this.#sockets.set(socketId, fresh);
    return fresh;
  }

  /** Streams nobody publishes any more go first. */
  #makeRoom(): boolean {
    if (this.#streams.size < this.#options.limits.streams) return true;
    for (const [id, { publisher }] of this.#streams) {
      if (publisher.phase !== "ended") continue;
      this.#streams.delete(id);
      return true;
    }
    return false;
  }
}

function isListed({ publisher }: StreamEntry): boolean {
  return publisher.phase !== "ended";
}

/** The same text again is fine: a publisher says it after every reconnect. */
function isOlder(
  descriptor: StreamDescriptor,
  signed: SignedDescriptor,
  known: StreamEntry,
): boolean {
  if (descriptor.revision !== known.descriptor.revision) {
    return descriptor.revision < known.descriptor.revision;
  }
  return signed.body !== known.signed.body;
}

function socketsOf(swarm: Swarm, except: SocketId): SocketId[] {
  return Array.from(swarm.members(), ({ socketId }) => socketId).filter((id) => id !== except);
}

function noStats(streamId: StreamId): PublisherStats {
  return { streamId, chunks: 0, blocks: 0, bytes: { copy: 0, seeder: 0, origin: 0, control: 0 } };
}

function notAnnounced(): { reply: TrackerFailure; deliveries: [] } {
  return refused("not-announced", "announce first");
}

function refused(
  code: TrackerErrorCode,
  message: string,
): { reply: TrackerFailure; deliveries: [] } {
  return { reply: { ok: false, code, message }, deliveries: [] };
}
