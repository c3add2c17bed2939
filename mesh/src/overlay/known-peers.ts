import type { PeerId, PeerRecord } from "#protocol";
import type { MeshContext } from "../context.ts";

/** Peers we may know without being connected: protects memory from talkative trackers. */
const KNOWN_MAX = 64;
/** Peers remembered as banned or shunned: an attacker that changes its id gains nothing by more. */
const BANNED_MAX = 256;
/** A neighbor that sent only blocks that were too old stays away this long, in ms, doubled each time. */
const SHUN_MS = 10_000;
const SHUN_MAX_MS = 120_000;
const RETRY_MS = 1000;
const RETRY_MAX_MS = 30_000;
/** Whom we gave up for others is not dialed again before this, in ms: some rounds of the overlay. */
const PARTED_MS = 40_000;

export type Known = {
  record: PeerRecord;
  /** The neighbor that named it, and can pass on negotiation. */
  via: PeerId | undefined;
  rttMs: number | undefined;
  failures: number;
  retryAtMs: number;
  /** Not before, whoever names it. */
  partedUntilMs: number;
};

/** Peers of the swarm we have heard of, and when each may be dialed. */
export class KnownPeers {
  readonly #context: MeshContext;
  readonly #known = new Map<PeerId, Known>();
  readonly #banned = new Set<PeerId>();
  readonly #shunned = new Map<PeerId, { untilMs: number; pauseMs: number }>();

  constructor(context: MeshContext) {
    this.#context = context;
  }

  get(peer: PeerId): Known | undefined {
    return this.#known.get(peer);
  }

  /** Those that are neither neighbors nor kept away. */
  *strangers(): Iterable<Known> {
    for (const [peer, known] of this.#known) {
      if (!this.#context.neighbors.has(peer)) yield known;
    }
  }

  /** Said by somebody whose word counts anew: failures so far are forgiven. @returns Whether it is new. */
  renew(record: PeerRecord): boolean {
    const { nowMs } = this.#context;
    const { peerId } = record;
    const known = this.#known.get(peerId);
    if (known === undefined) {
      this.add(record, undefined);
      return true;
    }
    known.record = record;
    known.failures = 0;
    known.retryAtMs = Math.max(nowMs, this.#awayUntilMs(peerId), known.partedUntilMs);
    return false;
  }

  /** Somebody not known yet. */
  add(record: PeerRecord, via: PeerId | undefined): void {
    const { peerId } = record;
    const retryAtMs = Math.max(this.#context.nowMs, this.#awayUntilMs(peerId));
    const known = { record, via, rttMs: undefined, failures: 0, retryAtMs, partedUntilMs: 0 };
    this.#known.set(peerId, known);
    for (const peer of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      if (!this.#context.neighbors.has(peer)) this.#known.delete(peer);
    }
  }

  /** It is a neighbor now. */
  met(record: PeerRecord): void {
    const known = this.#known.get(record.peerId);
    if (known === undefined) return this.add(record, undefined);
    known.record = record;
    known.failures = 0;
    known.retryAtMs = 0;
  }

  /** One of us gave the other up for somebody else. */
  parted(peer: PeerId, rttMs: number | undefined): void {
    const known = this.#known.get(peer);
    if (known === undefined) return;
    known.rttMs = rttMs;
    known.partedUntilMs = this.#context.nowMs + PARTED_MS;
    known.retryAtMs = Math.max(known.retryAtMs, known.partedUntilMs);
  }

  /** A dial came to nothing, or a link broke. */
  backOff(peer: PeerId): void {
    const known = this.#known.get(peer);
    if (known === undefined) return;
    known.failures++;
    const isHopeless = known.failures > 2 && known.record.role === "viewer";
    if (isHopeless) this.#known.delete(peer);
    const pauseMs = Math.min(RETRY_MS * 2 ** known.failures, RETRY_MAX_MS);
    const retryAtMs = this.#context.nowMs + pauseMs * (0.8 + 0.4 * this.#context.random());
    known.retryAtMs = Math.max(retryAtMs, known.partedUntilMs);
  }

  /** Never again in this session. */
  ban(peer: PeerId): void {
    this.#known.delete(peer);
    if (this.#banned.size < BANNED_MAX) this.#banned.add(peer);
  }

  /** Not for a while: it is slow, or we are. */
  shun(peer: PeerId): void {
    const { nowMs } = this.#context;
    const pauseMs = Math.min(2 * (this.#shunned.get(peer)?.pauseMs ?? SHUN_MS / 2), SHUN_MAX_MS);
    this.#shunned.delete(peer);
    this.#shunned.set(peer, { untilMs: nowMs + pauseMs, pauseMs });
    const oldest = this.#shunned.keys().next();
    if (this.#shunned.size > BANNED_MAX && !oldest.done) this.#shunned.delete(oldest.value);
    const known = this.#known.get(peer);
    if (known !== undefined) known.retryAtMs = nowMs + pauseMs;
  }

  isBanned(peer: PeerId): boolean {
    return this.#banned.has(peer);
  }

  isKeptAway(peer: PeerId): boolean {
    return this.isBanned(peer) || this.#awayUntilMs(peer) > this.#context.nowMs;
  }

  #awayUntilMs(peer: PeerId): number {
    return this.#shunned.get(peer)?.untilMs ?? 0;
  }
}
