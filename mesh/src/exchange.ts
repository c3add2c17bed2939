import {
  type PeerId,
  type PeerMessage,
  type PeerRecord,
  peerMessageBytes,
  type SignedPeerRecord,
  WIRE_LIMITS,
} from "#protocol";
import type { MeshAction } from "./events.ts";
import { ExchangeSearch } from "./exchange-search.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Dials one answer may cause: a liar must not make a swarm dial third parties (docs/protocol.md,
 * section 2.18). */
const CANDIDATES_MAX = 4;
/** A neighbor's `find` is answered once in this long, in ms. Asked are peers it may not know yet:
 * whoever wants to learn all addresses of a swarm is not to get them quickly. A guess. */
const ANSWER_PAUSE_MS = 4000;
/** An answer counts for this long, in ms: far above any round trip. */
const ANSWER_TIMEOUT_MS = 10_000;
/** A neighbor's own record is looked at once in this long, in ms: each costs a verification. */
const MEMBER_PAUSE_MS = 5000;
/** What a record must still be good for to be passed on, in ms: the asker has to dial with it. */
const USEFUL_FOR_MS = 20_000;
/** Negotiation taken of one neighbor, each message counted as at least 1 KiB: four dials at once,
 * an offer of 4 KiB and a dozen candidates each, and then a dial every two seconds. */
const SIGNAL_BURST_BYTES = 64 * 1024;
const SIGNAL_RATE_BPS = 8 * 8192;
const SIGNAL_BYTES_MIN = 1024;

export type ExchangeConfig = {
  self: PeerId;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Source clock minus local clock: records expire by the former. */
  sourceOffsetMs: () => number;
  send: (to: PeerId, message: PeerMessage) => void;
  emit: (action: MeshAction) => void;
};

export type ExchangeMessage = Extract<
  PeerMessage,
  { type: "member" | "find" | "peers" | "signal" }
>;

/** Somebody to connect to, and the neighbor that can pass on the negotiation. */
export type Candidate = { record: PeerRecord; via: PeerId };

type Neighbor = {
  /** Verified; what others are told of it. */
  record: SignedPeerRecord | undefined;
  /** What it said of itself last. */
  shown: SignedPeerRecord | undefined;
  memberAtMs: number;
  answeredAtMs: number;
  askedAtMs: number;
  isAnswerDue: boolean;
  readonly signals: TokenBucket;
};

/**
 * Finds peers through neighbors and passes on negotiation between them, so that a swarm can do
 * without its tracker. Nobody is named whom the tracker has not signed.
 */
export class Exchange {
  readonly #config: ExchangeConfig;
  readonly #search: ExchangeSearch;
  readonly #neighbors = new Map<PeerId, Neighbor>();
  #own: SignedPeerRecord | undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;
  /** Messages that were too many, unasked for or not for us: nothing came of them. */
  ignoredCount = 0;
  /** Negotiation of others that was passed on. */
  forwardedCount = 0;

  constructor(config: ExchangeConfig) {
    this.#config = config;
    this.#search = new ExchangeSearch(config.random);
  }

  /** When to call {@link housekeep}, at the latest. */
  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** The tracker's word about ourselves, or a newer one. */
  setOwn(own: SignedPeerRecord, nowMs: number): void {
    this.#own = own;
    this.#dueAtMs = nowMs;
    for (const [peer, { record, shown }] of this.#neighbors) {
      this.#introduceTo(peer);
      // A tracker that was restarted has a new key, which neighbors may have learned before us.
      if (shown !== undefined && shown !== record) this.#verify(peer, [shown]);
    }
  }

  /** After our `hello`. */
  connected(peer: PeerId, nowMs: number): void {
    this.#neighbors.set(peer, {
      record: undefined,
      shown: undefined,
      memberAtMs: Number.NEGATIVE_INFINITY,
      answeredAtMs: Number.NEGATIVE_INFINITY,
      askedAtMs: Number.NEGATIVE_INFINITY,
      isAnswerDue: false,
      signals: new TokenBucket(SIGNAL_RATE_BPS, SIGNAL_BURST_BYTES),
    });
    this.#dueAtMs = nowMs;
    this.#introduceTo(peer);
  }

  gone(peer: PeerId, nowMs: number): void {
    if (!this.#neighbors.delete(peer)) return;
    this.#search.hurry();
    this.#dueAtMs = nowMs;
  }

  /** The tracker named somebody new: it is the better source as long as it does. */
  trackerHelped(nowMs: number): void {
    this.#search.helped(nowMs);
  }

  received(from: PeerId, message: ExchangeMessage, nowMs: number): void {
    const neighbor = this.#neighbors.get(from);
    if (neighbor === undefined) return;
    if (!this.#apply(from, neighbor, message, nowMs)) this.ignoredCount++;
  }

  /** Answer to a `verify-records` action. @returns Whom to connect to. */
  verified(from: PeerId, records: readonly SignedPeerRecord[], nowMs: number): Candidate[] {
    const neighbor = this.#neighbors.get(from);
    if (neighbor === undefined) return [];
    const own = records.find(({ peerId }) => peerId === from);
    if (own !== undefined) {
      neighbor.record = own;
      this.#dueAtMs = nowMs;
    }
    const strangers = records.filter((record) => this.#isStranger(record));
    if (strangers.length > 0) this.#search.hurry();
    return strangers.map(({ peerId, role }) => ({ record: { peerId, role }, via: from }));
  }

  /** Our own negotiation. Lost when the neighbor is gone or we have no record: the dial runs out. */
  signalOut(via: PeerId, to: PeerId, body: Uint8Array): void {
    if (this.#own === undefined || !this.#neighbors.has(via)) return;
    this.#config.send(via, { type: "signal", to, from: this.#own, body });
  }

  /** Ask a neighbor if that is due. @param missing Neighbors we are short of; 0 is enough. */
  housekeep(missing: number, nowMs: number): void {
    // Without a record to show, nobody could be dialed.
    if (this.#own === undefined || !this.#isGood(this.#own, nowMs, 0)) {
      this.#dueAtMs = Number.POSITIVE_INFINITY;
      return;
    }
    const helpers = [...this.#neighbors].filter(([, { record }]) => record !== undefined);
    const { ask, dueAtMs } = this.#search.housekeep(
      missing,
      helpers.map(([peer, { askedAtMs }]) => ({ peer, askedAtMs })),
      nowMs,
    );
    this.#dueAtMs = dueAtMs;
    const asked = ask === undefined ? undefined : this.#neighbors.get(ask);
    if (ask === undefined || asked === undefined) return;
    asked.askedAtMs = nowMs;
    asked.isAnswerDue = true;
    const want = Math.min(missing, WIRE_LIMITS.exchangePeers);
    this.#config.send(ask, { type: "find", want });
  }

  /** @returns False when nothing came of the message. */
  #apply(from: PeerId, neighbor: Neighbor, message: ExchangeMessage, nowMs: number): boolean {
    switch (message.type) {
      case "member": {
        const isSelf = message.record.peerId === from;
        if (!isSelf || nowMs - neighbor.memberAtMs < MEMBER_PAUSE_MS) return false;
        neighbor.memberAtMs = nowMs;
        neighbor.shown = message.record;
        this.#verify(from, [message.record]);
        return true;
      }
      case "find":
        if (nowMs - neighbor.answeredAtMs < ANSWER_PAUSE_MS) return false;
        neighbor.answeredAtMs = nowMs;
        this.#config.send(from, {
          type: "peers",
          records: this.#sample(message.want, from, nowMs),
        });
        return true;
      case "peers":
        return this.#answered(from, neighbor, message.records, nowMs);
      case "signal":
        return this.#signaled(from, neighbor, message, nowMs);
    }
  }

  #answered(
    from: PeerId,
    neighbor: Neighbor,
    records: readonly SignedPeerRecord[],
    nowMs: number,
  ): boolean {
    if (!neighbor.isAnswerDue || nowMs - neighbor.askedAtMs > ANSWER_TIMEOUT_MS) return false;
    neighbor.isAnswerDue = false;
    const strangers = new Map<PeerId, SignedPeerRecord>();
    for (const record of records) {
      if (strangers.size >= CANDIDATES_MAX) break;
      const isUseful = this.#isGood(record, nowMs, 0) && this.#isStranger(record);
      if (isUseful) strangers.set(record.peerId, record);
    }
    if (strangers.size > 0) this.#verify(from, [...strangers.values()]);
    return true;
  }

  #signaled(
    via: PeerId,
    neighbor: Neighbor,
    message: Extract<PeerMessage, { type: "signal" }>,
    nowMs: number,
  ): boolean {
    const { to, from, body } = message;
    const sizeBytes = Math.max(SIGNAL_BYTES_MIN, peerMessageBytes(message));
    if (!neighbor.signals.take(sizeBytes, nowMs)) return false;
    if (to === this.#config.self) {
      if (!this.#isStranger(from)) return false;
      this.#config.emit({ type: "receive-signal", via, from, body });
      return true;
    }
    // Speaking for others is what an impostor would do; a second hop would be a flood's way.
    if (from.peerId !== via || to === via || !this.#neighbors.has(to)) return false;
    this.#config.send(to, message);
    this.forwardedCount++;
    return true;
  }

  #verify(from: PeerId, records: readonly SignedPeerRecord[]): void {
    this.#config.emit({ type: "verify-records", from, records });
  }

  /** Records of different neighbors, each as likely as any other. */
  #sample(want: number, asker: PeerId, nowMs: number): SignedPeerRecord[] {
    const records: SignedPeerRecord[] = [];
    for (const [peer, { record }] of this.#neighbors) {
      if (peer === asker || record === undefined) continue;
      if (this.#isGood(record, nowMs, USEFUL_FOR_MS)) records.push(record);
    }
    const count = Math.min(want, WIRE_LIMITS.exchangePeers, records.length);
    const drawn: SignedPeerRecord[] = [];
    while (drawn.length < count) {
      const place = Math.floor(this.#config.random() * records.length);
      drawn.push(...records.splice(place, 1));
    }
    return drawn;
  }

  #introduceTo(peer: PeerId): void {
    if (this.#own !== undefined) this.#config.send(peer, { type: "member", record: this.#own });
  }

  #isStranger({ peerId }: PeerRecord): boolean {
    return peerId !== this.#config.self && !this.#neighbors.has(peerId);
  }

  #isGood({ expiresAtMs }: SignedPeerRecord, nowMs: number, forMs: number): boolean {
    return expiresAtMs - forMs > nowMs + this.#config.sourceOffsetMs();
  }
}
