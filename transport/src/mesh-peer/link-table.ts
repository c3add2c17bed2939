import type { PeerId, PeerRecord, Role, Signal } from "#protocol";
import type { Clock } from "../clock.ts";
import { LINK_HIGH_WATER_BYTES, type Link, type LinkFactory, type LinkRole } from "../link.ts";

/**
 * Answers under way at a time. Each costs a peer connection and its sockets; the bound is against
 * offers without end. A seeder takes the whole audience at the start of a show.
 */
const ANSWERING_MAX = { few: 24, many: 128 };
/**
 * Offers answered in a minute; all of them may come at once. Each costs a DTLS handshake, 20 to 50 ms of CPU,
 * even where it is refused afterwards: who has addresses to spare must not keep a viewer busy with them. A
 * flash crowd reaches this number, and has no place left for those behind it.
 */
const ANSWERS_PER_MINUTE = { few: 30, many: 6000 };
/** An offer that comes this soon after the last one of the same peer is not a new try, in ms. */
const REPEAT_MS = 1000;
/** An offer that leads nowhere is forgotten after this long, in ms. Two tries of ICE over a bad path. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Peers whose role is remembered; the tracker introduces at most 16 at a time. */
const RECORDS_MAX = 512;
/** A closed data channel may take its last messages with it (libp2p's WebRTC specification), so a
 * link lives on for this long, in ms, after the good-bye. */
const LINGER_MS = 100;

export type LinkTableHandlers = {
  onConnected(peer: PeerRecord, isDialed: boolean): void;
  /** A `connect` came to nothing. */
  onConnectFailed(peer: PeerId): void;
  onDisconnected(peer: PeerId): void;
  onMessage(from: PeerId, bytes: Uint8Array): void;
  onCongested(peer: PeerId): void;
  onDrained(peer: PeerId): void;
};

type LinkTableConfig = {
  self: PeerId;
  /** Many come to a seeder, and to a relay, which stands in for it. */
  audience: "few" | "many";
  factory: LinkFactory;
  clock: Clock;
  /** Pass a signal on to a peer through the tracker; resolves to whether that worked. */
  relay: (to: PeerId, signal: Signal) => Promise<boolean>;
  /** The same over a neighbor whose link is open; returns whether it was sent. */
  relayOver: (via: PeerId, to: PeerId, signal: Signal) => boolean;
  handlers: LinkTableHandlers;
};

type Entry = {
  record: PeerRecord;
  role: LinkRole;
  link: Link;
  /** The neighbor that can pass on negotiation when the tracker does not. */
  via: PeerId | undefined;
  /** Negotiation goes over `via` from now on: the tracker failed, or the other side began so. */
  isOverVia: boolean;
  readonly createdAtMs: number;
  isOpen: boolean;
  isCongested: boolean;
  cancelTimeout: () => void;
};

/** The links of one peer: at most one to each other peer, dialed by us or answered. */
export class LinkTable {
  readonly #config: LinkTableConfig;
  readonly #entries = new Map<PeerId, Entry>();
  readonly #roles = new Map<PeerId, Role>();
  readonly #lingering = new Set<Link>();
  #isAway = false;
  /** Offers that may be answered, as of then; never more than those of a minute. */
  #answers = Number.POSITIVE_INFINITY;
  #answersAtMs = 0;

  constructor(config: LinkTableConfig) {
    this.#config = config;
  }

  /** Roles are the tracker's word; a peer it never named is taken for a viewer. */
  learn(records: readonly PeerRecord[]): void {
    for (const { peerId, role } of records) {
      this.#roles.delete(peerId);
      this.#roles.set(peerId, role);
    }
    for (const peerId of this.#roles.keys()) {
      if (this.#roles.size <= RECORDS_MAX) break;
      this.#roles.delete(peerId);
    }
  }

  /**
   * Dial. Ends in `onConnected` or `onConnectFailed`, or in nothing after `disconnect`.
   * @param via A neighbor of both, for when the tracker cannot be used.
   */
  connect(peerId: PeerId, via?: PeerId): void {
    if (this.#entries.has(peerId)) return;
    if (this.#isAway) return this.#config.handlers.onConnectFailed(peerId);
    this.#open({ peerId, role: this.#roles.get(peerId) ?? "viewer" }, "dial", via);
  }

  /** Lose all links at once and take no new ones, until it is over. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway;
    if (!isAway) return;
    for (const entry of [...this.#entries.values()]) {
      entry.link.close();
      this.#lost(entry);
    }
  }

  /** Close, or stop dialing; nothing more is heard of the peer. */
  disconnect(peerId: PeerId): void {
    const entry = this.#entries.get(peerId);
    if (entry === undefined) return;
    this.#remove(entry);
    if (!entry.isOpen) {
      entry.link.close();
      return;
    }
    this.#lingering.add(entry.link);
    this.#config.clock.after(LINGER_MS, () => {
      this.#lingering.delete(entry.link);
      entry.link.close();
    });
  }

  /** Bytes handed to all open links that have not left yet. */
  get bufferedBytes(): number {
    let sum = 0;
    for (const { link, isOpen } of this.#entries.values()) if (isOpen) sum += link.bufferedBytes;
    return sum;
  }

  send(peerId: PeerId, bytes: Uint8Array): void {
    const entry = this.#entries.get(peerId);
    if (entry === undefined || !entry.isOpen) return;
    entry.link.send(bytes);
    if (entry.isCongested || entry.link.bufferedBytes < LINK_HIGH_WATER_BYTES) return;
    entry.isCongested = true;
    this.#config.handlers.onCongested(peerId);
  }

  /**
   * Negotiation from another peer; an offer makes a link that answers.
   * @param via The neighbor it came over, instead of the tracker.
   */
  receive(from: PeerRecord, signal: Signal, via?: PeerId): void {
    if (from.peerId === this.#config.self || this.#isAway) return;
    this.learn([from]);
    const entry = this.#entries.get(from.peerId);
    if (signal.type !== "offer") {
      // Other neighbors have no say in this one's negotiation.
      const isExpected = via === undefined || (entry?.isOverVia === true && entry.via === via);
      if (isExpected) entry?.link.signal(signal);
      return;
    }
    // Glare: the link dialed by the smaller id survives, at both ends.
    const isGlare = entry?.role === "dial" && !entry.isOpen;
    if (isGlare && this.#config.self < from.peerId) return;
    // A neighbor can repeat what it once passed on: that must not cost a link. And seeders never
    // dial, so this offer is somebody else's.
    if (via !== undefined && ((entry !== undefined && !isGlare) || from.role === "seeder")) return;
    const isRepeated = entry?.role === "answer" && !entry.isOpen;
    if (isRepeated && this.#config.clock.nowMs() - entry.createdAtMs < REPEAT_MS) return;
    if (entry !== undefined) {
      // The other side has given up a link that we still have, or dials once more.
      this.#remove(entry);
      entry.link.close();
      if (entry.isOpen) this.#config.handlers.onDisconnected(from.peerId);
    }
    const isBusy = this.#answeringCount() >= ANSWERING_MAX[this.#config.audience];
    if (isBusy || !this.#takeAnswer()) {
      if (isGlare) this.#config.handlers.onConnectFailed(from.peerId);
      return;
    }
    this.#open(from, "answer", via).link.signal(signal);
  }

  close(): void {
    for (const entry of this.#entries.values()) {
      entry.cancelTimeout();
      entry.link.close();
    }
    this.#entries.clear();
    for (const link of this.#lingering) link.close();
    this.#lingering.clear();
  }

  #open(record: PeerRecord, role: LinkRole, via: PeerId | undefined): Entry {
    const { factory, clock, handlers } = this.#config;
    const isCurrent = (): boolean => this.#entries.get(record.peerId) === entry;
    const entry: Entry = {
      record,
      role,
      via,
      isOverVia: role === "answer" && via !== undefined,
      createdAtMs: clock.nowMs(),
      isOpen: false,
      isCongested: false,
      // The engine gives its own dials up; nobody else knows of an answer.
      cancelTimeout:
        role === "answer"
          ? clock.after(ANSWER_TIMEOUT_MS, () => {
              if (isCurrent()) this.disconnect(record.peerId);
            })
          : () => {},
      link: factory.create(record, role, {
        onOpen: () => {
          if (!isCurrent()) return;
          entry.isOpen = true;
          entry.cancelTimeout();
          handlers.onConnected(record, role === "dial");
        },
        onMessage: (bytes) => {
          if (isCurrent()) handlers.onMessage(record.peerId, bytes);
        },
        onDrain: () => {
          if (!isCurrent() || !entry.isCongested) return;
          entry.isCongested = false;
          handlers.onDrained(record.peerId);
        },
        onClose: () => {
          if (isCurrent()) this.#lost(entry);
        },
        onSignal: (signal) => {
          if (isCurrent()) void this.#signaled(entry, signal);
        },
      }),
    };
    this.#entries.set(record.peerId, entry);
    return entry;
  }

  async #signaled(entry: Entry, signal: Signal): Promise<void> {
    const isPassedOn = await this.#relay(entry, signal);
    const isNeeded = signal.type !== "candidate" && !entry.isOpen;
    if (isPassedOn || !isNeeded || this.#entries.get(entry.record.peerId) !== entry) return;
    entry.link.close();
    this.#lost(entry);
  }

  async #relay(entry: Entry, signal: Signal): Promise<boolean> {
    const { peerId } = entry.record;
    if (!entry.isOverVia && (await this.#config.relay(peerId, signal))) return true;
    const { via } = entry;
    if (via === undefined || this.#entries.get(via)?.isOpen !== true) return false;
    entry.isOverVia = true;
    return this.#config.relayOver(via, peerId, signal);
  }

  #lost(entry: Entry): void {
    this.#remove(entry);
    const { onConnectFailed, onDisconnected } = this.#config.handlers;
    if (entry.isOpen) onDisconnected(entry.record.peerId);
    else if (entry.role === "dial") onConnectFailed(entry.record.peerId);
  }

  #remove(entry: Entry): void {
    entry.cancelTimeout();
    this.#entries.delete(entry.record.peerId);
  }

  #takeAnswer(): boolean {
    const most = ANSWERS_PER_MINUTE[this.#config.audience];
    const nowMs = this.#config.clock.nowMs();
    this.#answers = Math.min(most, this.#answers + ((nowMs - this.#answersAtMs) * most) / 60_000);
    this.#answersAtMs = nowMs;
    return this.#answers >= 1 && this.#answers-- > 0;
  }

  #answeringCount(): number {
    let count = 0;
    for (const { role, isOpen } of this.#entries.values()) {
      if (role === "answer" && !isOpen) count++;
    }
    return count;
  }
}
