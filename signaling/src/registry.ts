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
import { type IntroducedPeer, TRACKER_LIMITS } from "#protocol";
import type { Steer } from "#protocol/steer";
import { chooseIntroductions, introducedAs } from "./introductions.ts";
import type { RegistryLimits } from "./limits.ts";
import type { RegistryChange, StreamSnapshot } from "./registry-change.ts";
import { type Member, type SocketId, Swarm, type TrackerId } from "./swarm.ts";

export type RegistryOptions = {
  limits: RegistryLimits;
  /** How long a stream without publisher stays listed, in ms. */
  graceMs: number;
  /** Uniform in [0, 1); draws introductions. */
  random: () => number;
  /** Told of everything that other trackers of the same swarms have to know. */
  onChange?: (change: RegistryChange) => void;
};

/** What the tracker knows of somebody who announces, besides their own words. */
export type AnnouncedFrom = {
  /** They have shown that the peer id was theirs before, on whatever socket. */
  isResumed?: boolean;
  network?: string | undefined;
  /** Peers they may learn of that they were not told of before. Default: no bound. */
  freshMax?: number;
};

/** What others have to be told because of one call. */
export type Delivery = { to: readonly SocketId[] } & (
  | { event: "introduce"; message: { peers: IntroducedPeer[] } }
  | { event: "relay"; message: { from: PeerRecord; signal: Signal } }
  | { event: "descriptor"; message: { descriptor: SignedDescriptor } }
  | { event: "steer"; message: Steer }
);

export type Outcome<T> = { reply: Reply<T>; deliveries: Delivery[] };

/**
 * - `here`: its socket is open.
 * - `gone`: it vanished; the stream stays listed for the grace period.
 * - `ended`: it said so, or the grace period is over: not listed, kept only for the swarm's sake.
 */
export type PublisherPhase =
  | { phase: "here"; socketId: SocketId; tracker?: TrackerId | undefined }
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
  /** Undefined for those that never did, which is nearly all. */
  published: Set<StreamId> | undefined;
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
    return (this.#sockets.get(socketId)?.published?.size ?? 0) > 0;
  }

  /** The caller has checked the signature, the key and the proof. */
  publish(
    socketId: SocketId,
    descriptor: StreamDescriptor,
    signed: SignedDescriptor,
  ): Outcome<Record<never, never>> {
    const id = descriptor.streamId;
    const socket = this.#socket(socketId);
    socket.published ??= new Set();
    const { published } = socket;
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
      const entry = { descriptor, signed, publisher, swarm, stats: noStats(id) };
      this.#streams.set(id, entry);
      this.#tellStream(entry);
      return { reply: { ok: true }, deliveries: [] };
    }
    this.#takeOver(known, socketId);
    const isNews = known.signed.body !== signed.body;
    Object.assign(known, { descriptor, signed, publisher });
    this.#tellStream(known);
    return { reply: { ok: true }, deliveries: isNews ? tellDescriptor(known, socketId) : [] };
  }

  unpublish(socketId: SocketId, id: StreamId, nowMs: number): Outcome<Record<never, never>> {
    const stream = this.#publishedBy(socketId, id);
    if (stream === undefined) return refused("not-allowed", "not the publisher of this stream");
    stream.publisher = { phase: "ended", sinceMs: nowMs };
    this.#tellStream(stream);
    this.#sockets.get(socketId)?.published?.delete(id);
    const { seeder } = stream.swarm;
    if (seeder?.socketId === socketId) this.#leave(socketId);
    return { reply: { ok: true }, deliveries: [] };
  }

  /** @returns False when the socket does not publish that stream. */
  notePublisherStats(socketId: SocketId, stats: PublisherStats): boolean {
    const stream = this.#publishedBy(socketId, stats.streamId);
    if (stream !== undefined) {
      stream.stats = stats;
      this.#options.onChange?.({ type: "stats", stats });
    }
    return stream !== undefined;
  }

  /** Become a member of a swarm, or say again that one is. Ends any other membership. */
  announce(
    socketId: SocketId,
    { streamId, peerId, role, want, hints }: Announce,
    { isResumed = false, network, freshMax }: AnnouncedFrom = {},
  ): Outcome<{ descriptor: SignedDescriptor; peers: IntroducedPeer[]; viewers: number }> {
    const stream = this.stream(streamId);
    if (stream === undefined) return refused("unknown-stream", `no stream ${streamId} here`);
    if (role === "seeder" && this.#publishedBy(socketId, streamId) === undefined) {
      return refused("not-allowed", "only the publisher of a stream is its seeder");
    }
    const { swarm } = stream;
    const held = swarm.get(peerId);
    if (held !== undefined && held.socketId !== socketId) {
      if (!isResumed) return refused("peer-id-taken", `another socket is ${peerId}`);
      this.#remove(stream, held);
    }
    const isNew = swarm.get(peerId)?.record.role !== role;
    if (isNew) {
      this.#leave(socketId);
      if (role === "viewer" && swarm.size >= this.#options.limits.peersPerStream) {
        return refused("full", "the swarm has as many peers as it may");
      }
      if (role === "seeder" && swarm.seeder !== undefined) this.#remove(stream, swarm.seeder);
      const place = { ...hints, network };
      // Who comes back on another socket still knows whom it was told of.
      const introduced = held?.tracker === undefined && held ? held.introduced : new Set<PeerId>();
      const record = { peerId, role };
      const { reportedBy } = held ?? {};
      swarm.add({ record, socketId, tracker: undefined, place, introduced, reportedBy });
      this.#socket(socketId).membership = { streamId, peerId };
      this.#options.onChange?.({ type: "joined", streamId, member: { record, socketId, place } });
    }
    const member = swarm.get(peerId);
    if (member === undefined) throw new Error("a peer that was just added is a member");
    const peers = this.#introduce(stream, member, want, freshMax);
    const isBack = isNew && role === "seeder";
    return {
      reply: { ok: true, descriptor: stream.signed, peers, viewers: swarm.viewerCount },
      deliveries: isBack ? this.#introduceSeeder(swarm, member) : [],
    };
  }

  /** Which swarm a socket is a member of, and as whom. */
  placeOf(socketId: SocketId): { streamId: StreamId; record: PeerRecord } | undefined {
    const place = this.#place(socketId);
    return place && { streamId: place.stream.descriptor.streamId, record: place.member.record };
  }

  findPeers(
    socketId: SocketId,
    want: number,
    freshMax?: number,
  ): Outcome<{ peers: IntroducedPeer[]; viewers: number }> {
    const place = this.#place(socketId);
    if (place === undefined) return notAnnounced();
    const peers = this.#introduce(place.stream, place.member, want, freshMax);
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

  /**
   * A peer says of another that it sent forged blocks. Nobody can prove that, so it costs little: who is
   * reported from several networks is introduced after all others, and keeps what links it has.
   */
  report(socketId: SocketId, peerId: PeerId): Outcome<Record<never, never>> {
    const place = this.#place(socketId);
    if (place === undefined) return notAnnounced();
    const { member, stream } = place;
    const subject = stream.swarm.get(peerId);
    const wasMet =
      member.introduced.has(peerId) || subject?.introduced.has(member.record.peerId) === true;
    if (subject === undefined || subject === member || !wasMet) {
      return refused("not-allowed", `${peerId} is not here, or was not introduced`);
    }
    const { network } = member.place;
    // The seeder's blocks are its own, and whoever is under suspicion has no say.
    const counts = subject.record.role === "viewer" && !this.#isSuspect(member);
    if (network !== undefined && counts) {
      subject.reportedBy ??= new Set();
      if (!this.#isSuspect(subject)) subject.reportedBy.add(network);
    }
    return { reply: { ok: true }, deliveries: [] };
  }

  /** Members that enough networks report. */
  suspectCount(): number {
    let count = 0;
    for (const { swarm } of this.#streams.values()) {
      for (const member of swarm.members()) if (this.#isSuspect(member)) count++;
    }
    return count;
  }

  /** A peer of another tracker wrote to one of ours, which may now answer. */
  noteMet(socketId: SocketId, peerId: PeerId): void {
    const place = this.#place(socketId);
    if (place !== undefined) this.#remember(place.member, peerId);
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
      if (stream !== undefined) this.#losePublisher(stream, socketId, nowMs);
    }
    this.#sockets.delete(socketId);
  }

  /** Forget what is over. To be called every second or so. */
  sweep(nowMs: number): void {
    for (const [id, stream] of this.#streams) {
      const { publisher } = stream;
      if (publisher.phase === "here" || nowMs - publisher.sinceMs < this.#options.graceMs) continue;
      stream.publisher = { phase: "ended", sinceMs: publisher.sinceMs };
      if (stream.swarm.size > 0) continue;
      this.#streams.delete(id);
      this.#options.onChange?.({ type: "forgotten", streamId: id });
    }
  }

  // Other trackers

  /** All streams, for whoever keeps them. */
  snapshots(): StreamSnapshot[] {
    return [...this.#streams.values()].map(snapshotOf);
  }

  isPublishedHere(id: StreamId): boolean {
    const publisher = this.#streams.get(id)?.publisher;
    return publisher?.phase === "here" && publisher.tracker === undefined;
  }

  /** Members whose sockets are here. */
  *ownMembers(): Iterable<{ streamId: StreamId; member: Member }> {
    for (const [streamId, { swarm }] of this.#streams) {
      for (const member of swarm.members()) {
        if (member.tracker === undefined) yield { streamId, member };
      }
    }
  }

  /**
   * Something that happened at another tracker, or that a file remembers. Hearing of it again
   * changes nothing. Signatures were checked where it happened.
   * @returns What our own sockets have to be told.
   */
  apply(tracker: TrackerId, change: RegistryChange, nowMs: number): Delivery[] {
    switch (change.type) {
      case "stream":
        return this.#applyStream(tracker, change.stream, nowMs);
      case "stats": {
        const stream = this.#streams.get(change.stats.streamId);
        if (stream !== undefined) stream.stats = change.stats;
        return [];
      }
      case "forgotten":
        if (this.#streams.get(change.streamId)?.swarm.size === 0) {
          this.#streams.delete(change.streamId);
        }
        return [];
      case "joined":
        return this.#applyJoined(tracker, change);
      case "left": {
        const stream = this.#streams.get(change.streamId);
        const member = stream?.swarm.get(change.peerId);
        if (member?.socketId === change.socketId) stream?.swarm.remove(change.peerId);
        return [];
      }
    }
  }

  /** These are all members at another tracker, whatever we heard before. */
  replaceTracker(
    tracker: TrackerId,
    joined: readonly (RegistryChange & { type: "joined" })[],
  ): Delivery[] {
    const sockets = new Set(joined.map(({ member }) => member.socketId));
    for (const { swarm } of this.#streams.values()) {
      for (const { record, socketId, tracker: at } of [...swarm.members()]) {
        if (at === tracker && !sockets.has(socketId)) swarm.remove(record.peerId);
      }
    }
    return joined.flatMap((change) => this.#applyJoined(tracker, change));
  }

  /** A tracker is gone: its peers come back to others by themselves, its publishers may. */
  forgetTracker(tracker: TrackerId, nowMs: number): void {
    this.replaceTracker(tracker, []);
    for (const stream of this.#streams.values()) {
      const { publisher } = stream;
      if (publisher.phase === "here" && publisher.tracker === tracker) {
        stream.publisher = { phase: "gone", sinceMs: nowMs };
        this.#tellStream(stream);
      }
    }
  }

  #applyStream(
    tracker: TrackerId,
    { descriptor, signed, phase, socketId, ageMs, stats }: StreamSnapshot,
    nowMs: number,
  ): Delivery[] {
    const id = descriptor.streamId;
    const isHere = phase === "here" && socketId !== undefined;
    // Whoever kept it did not see the publisher go.
    const sinceMs = phase === "stored" ? nowMs : nowMs - ageMs;
    const publisher: PublisherPhase = isHere
      ? { phase: "here", socketId, tracker }
      : { phase: phase === "ended" ? "ended" : "gone", sinceMs };
    const known = this.#streams.get(id);
    if (known === undefined) {
      if (!this.#makeRoom()) return [];
      const swarm = new Swarm();
      this.#streams.set(id, { descriptor, signed, publisher, swarm, stats: stats ?? noStats(id) });
      return [];
    }
    const isNews = descriptor.revision > known.descriptor.revision;
    if (isNews) Object.assign(known, { descriptor, signed });
    const { publisher: before } = known;
    // That a publisher left counts only from the tracker it was at.
    const isStale =
      !isHere && before.phase === "here" && (before.tracker !== tracker || phase === "stored");
    if (!isStale && phase !== "stored") {
      if (isHere) this.#takeOver(known, socketId);
      known.publisher = publisher;
    }
    return isNews ? tellDescriptor(known) : [];
  }

  #applyJoined(
    tracker: TrackerId,
    { streamId, member }: RegistryChange & { type: "joined" },
  ): Delivery[] {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return [];
    const { swarm } = stream;
    const { peerId, role } = member.record;
    const held = swarm.get(peerId);
    if (held?.socketId === member.socketId) return [];
    if (held !== undefined) this.#drop(stream, held);
    if (role === "seeder" && swarm.seeder !== undefined) this.#drop(stream, swarm.seeder);
    const added = { ...member, tracker, introduced: NOBODY };
    swarm.add(added);
    return role === "seeder" ? this.#introduceSeeder(swarm, added) : [];
  }

  #introduce(
    { swarm, descriptor }: StreamEntry,
    member: Member,
    want: number,
    freshMax = Number.POSITIVE_INFINITY,
  ): IntroducedPeer[] {
    if (member.place.isHttpOnly) return [];
    const { seeder } = swarm;
    const first = seeder === undefined || seeder === member ? [] : [seeder];
    const count = Math.min(want, TRACKER_LIMITS.introduce - first.length);
    const { random } = this.#options;
    const isNearFirst = descriptor.overlay === "nearby";
    const isSuspect = (one: Member) => this.#isSuspect(one);
    const wish = { swarm, member, count, freshMax, isNearFirst, isSuspect, random };
    const found = [...first, ...chooseIntroductions(wish)];
    for (const { record } of found) this.#remember(member, record.peerId);
    return found.map((one) => introducedAs(one, member));
  }

  /** Viewers here that lost the seeder learn its name; those it was told of, it dials itself. */
  #introduceSeeder(swarm: Swarm, seeder: Member): Delivery[] {
    const { limits, random } = this.#options;
    const viewers = swarm.viewers
      .sample(limits.seederIntroductions, random)
      .filter(({ record, tracker }) => {
        return tracker === undefined && !seeder.introduced.has(record.peerId);
      });
    if (viewers.length === 0) return [];
    for (const viewer of viewers) this.#remember(viewer, seeder.record.peerId);
    const to = viewers.map(({ socketId }) => socketId);
    return [{ to, event: "introduce", message: { peers: [seeder.record] } }];
  }

  #isSuspect({ reportedBy }: Member): boolean {
    return (reportedBy?.size ?? 0) >= this.#options.limits.reporterNetworks;
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
    const stream = this.#streams.get(streamId);
    const member = stream?.swarm.get(peerId);
    if (stream !== undefined && member?.socketId === socketId) this.#remove(stream, member);
  }

  /** Out of the swarm, wherever its socket is; others are told. */
  #remove(stream: StreamEntry, member: Member): void {
    this.#drop(stream, member);
    const { streamId } = stream.descriptor;
    const { socketId, record } = member;
    this.#options.onChange?.({ type: "left", streamId, peerId: record.peerId, socketId });
  }

  #drop({ swarm }: StreamEntry, { record, socketId }: Member): void {
    swarm.remove(record.peerId);
    const socket = this.#sockets.get(socketId);
    if (socket?.membership?.peerId === record.peerId) socket.membership = undefined;
  }

  #tellStream(stream: StreamEntry): void {
    this.#options.onChange?.({ type: "stream", stream: snapshotOf(stream) });
  }

  #losePublisher(stream: StreamEntry, socketId: SocketId, nowMs: number): void {
    const { publisher } = stream;
    // Published elsewhere meanwhile.
    if (publisher.phase !== "here" || publisher.socketId !== socketId) return;
    stream.publisher = { phase: "gone", sinceMs: nowMs };
    this.#tellStream(stream);
  }

  /** The key's holder is always right: the socket it used before may be dead without knowing. */
  #takeOver(stream: StreamEntry, by: SocketId): void {
    const { publisher, swarm } = stream;
    if (publisher.phase !== "here" || publisher.socketId === by) return;
    this.#sockets.get(publisher.socketId)?.published?.delete(stream.descriptor.streamId);
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
    const fresh: SocketState = { membership: undefined, published: undefined };
    this.#sockets.set(socketId, fresh);
    return fresh;
  }

  /** Streams nobody publishes any more go first. */
  #makeRoom(): boolean {
    if (this.#streams.size < this.#options.limits.streams) return true;
    for (const [id, { publisher }] of this.#streams) {
      if (publisher.phase !== "ended") continue;
      this.#streams.delete(id);
      this.#options.onChange?.({ type: "forgotten", streamId: id });
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

/** For members whose sockets are here; other trackers tell theirs. */
function tellDescriptor({ swarm, signed }: StreamEntry, except?: SocketId): Delivery[] {
  const to = Array.from(swarm.members())
    .filter(({ tracker, socketId }) => tracker === undefined && socketId !== except)
    .map(({ socketId }) => socketId);
  return [{ to, event: "descriptor", message: { descriptor: signed } }];
}

/** Of members elsewhere: whom they were told of is known there. */
const NOBODY: Set<PeerId> = new Set();

function snapshotOf({ descriptor, signed, publisher, stats }: StreamEntry): StreamSnapshot {
  const { phase } = publisher;
  const socketId = phase === "here" ? publisher.socketId : undefined;
  return { descriptor, signed, phase, socketId, ageMs: 0, stats };
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
