import type { PeerId, PeerRecord, Role, Signal, SignedDescriptor } from "#protocol";
import type { MeshTracker } from "../mesh-peer/mesh-peer-options.ts";
import type { TrackerHandlers, TrackerState } from "../tracker/index.ts";
import type { TestMembers } from "./test-members.ts";

/** A tracker without a network: introduces its clients to each other and relays their signals. */
export class MemoryTracker {
  /** What is announced; without one, clients wait for the stream. */
  descriptor: SignedDescriptor | undefined;
  /** Added to the clients' clocks, as real ones learn it; undefined tells no time. */
  clockOffsetMs: number | undefined;
  /** Signs who is a member; undefined as older trackers have it. */
  members: TestMembers | undefined;
  #isAway = false;
  readonly #pairs: [PeerId, PeerId][] = [];
  readonly #clients = new Map<PeerId, MemoryTrackerClient>();

  client(peerId: PeerId, role: Role = "viewer"): MemoryTrackerClient {
    return new MemoryTrackerClient(this, { peerId, role });
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** The tracker goes away: nothing is relayed or found until `comeBack`. */
  goAway(): void {
    this.#isAway = true;
    for (const client of this.#clients.values()) client.setState("offline");
  }

  comeBack(): void {
    this.#isAway = false;
    for (const client of this.#clients.values()) client.announce();
  }

  /** A way of their own for a newcomer and a member to find each other, tracker or not. */
  pair(newcomer: MemoryTrackerClient, member: MemoryTrackerClient): void {
    this.#clients.set(newcomer.record.peerId, newcomer);
    this.#pairs.push([newcomer.record.peerId, member.record.peerId]);
    newcomer.tell((to) => to.onIntroduced?.([member.record]));
  }

  arePaired(one: PeerId, other: PeerId): boolean {
    return this.#pairs.some((pair) => pair.includes(one) && pair.includes(other));
  }

  join(client: MemoryTrackerClient): PeerRecord[] {
    const others = this.others(client.record.peerId);
    this.#clients.set(client.record.peerId, client);
    return others;
  }

  others(peerId: PeerId): PeerRecord[] {
    return [...this.#clients.values()]
      .map(({ record }) => record)
      .filter((record) => record.peerId !== peerId);
  }

  find(peerId: PeerId): MemoryTrackerClient | undefined {
    return this.#clients.get(peerId);
  }
}

export class MemoryTrackerClient implements MeshTracker {
  readonly record: PeerRecord;
  readonly relayed: { to: PeerId; signal: Signal }[] = [];
  state: TrackerState = "connecting";
  readonly #tracker: MemoryTracker;
  readonly #handlers = new Set<TrackerHandlers>();

  constructor(tracker: MemoryTracker, record: PeerRecord) {
    this.#tracker = tracker;
    this.record = record;
  }

  get clockOffsetMs(): number | undefined {
    return this.#tracker.clockOffsetMs;
  }

  subscribe(handlers: TrackerHandlers): () => void {
    this.#handlers.add(handlers);
    return () => this.#handlers.delete(handlers);
  }

  start(): void {
    queueMicrotask(() => this.announce());
  }

  announce(): void {
    const { descriptor, clockOffsetMs, members, isAway } = this.#tracker;
    if (isAway) {
      this.setState("offline");
      return;
    }
    if (descriptor === undefined) {
      this.setState("waiting-for-stream");
      return;
    }
    const peers = this.#tracker.join(this);
    this.setState("online");
    if (clockOffsetMs !== undefined) this.tell((to) => to.onClock?.(clockOffsetMs));
    if (members !== undefined) {
      this.tell((to) => to.onMembership?.(members.membership(this.record)));
    }
    const rest = { ok: true as const, iceServers: [], viewers: peers.length, serverTimeMs: 0 };
    this.tell((to) => to.onAnnounced?.({ ...rest, descriptor, peers }));
  }

  async findPeers(): Promise<PeerRecord[]> {
    return this.state === "online" ? this.#tracker.others(this.record.peerId) : [];
  }

  async relay(to: PeerId, signal: Signal): Promise<boolean> {
    const other = this.#tracker.find(to);
    const isPaired = this.#tracker.arePaired(this.record.peerId, to);
    if ((this.state !== "online" && !isPaired) || other === undefined) return false;
    this.relayed.push({ to, signal });
    queueMicrotask(() => other.tell((handlers) => handlers.onRelay?.(this.record, signal)));
    return true;
  }

  setState(state: TrackerState): void {
    this.state = state;
    this.tell((to) => to.onState?.(state));
  }

  tell(what: (handlers: TrackerHandlers) => void): void {
    for (const handlers of this.#handlers) what(handlers);
  }
}
