import {
  type ChunkHoldings,
  type PeerId,
  type PeerRecord,
  type Role,
  UNKNOWN_LAG_MS,
} from "#protocol";
import { blockKey, chunkKey } from "./block-key.ts";
import type { Stripe } from "./stripe-table.ts";

/** Chunks a neighbor may claim to hold: twice a window of short chunks. Bounds memory per link. */
const MAX_CLAIMED_CHUNKS = 512;
/** Blocks that may arrive unasked-for by our books because we asked a while ago. */
const MAX_ASKED_BLOCKS = 1024;
/** How long after leaving a parent its pushes are plainly what was under way, in ms. */
const LEFT_MEMORY_MS = 6000;
/** Pushes after that, of which each makes us repeat the `unsubscribe`: it may have been overtaken. */
const STRAYS_MAX = 20;

/** One open link: what the neighbor said, what it owes us, what it did. */
export class Neighbor {
  readonly peer: PeerId;
  readonly role: Role;
  readonly isDialed: boolean;
  readonly connectedAtMs: number;
  hasSaidHello = false;
  uploadBps = 0;
  lastHeardMs: number;
  /** Smoothed; undefined until the first pong. */
  rttMs: number | undefined;
  isCongested = false;
  badBlocks = 0;
  /** At least one of them cannot come from an honest peer, however slow. */
  hasForged = false;
  badMessages = 0;
  receivedBytes = 0;
  sentBytes = 0;
  /** Requests it let run out or denied lately: pushes it back in the choice of holders. */
  brokenPromises = 0;
  lagsMs: readonly number[] = [];
  /** Requests under way to it. */
  inFlight = 0;
  #ping: { token: number; sentAtMs: number } | undefined;
  #lastPingMs = Number.NEGATIVE_INFINITY;
  readonly #claims = new Map<number, ChunkHoldings>();
  /** Requests sent and not answered by a block yet, per block. */
  readonly #asked = new Map<number, number>();
  readonly #leftStripes = new Map<number, { leftAtMs: number; strays: number }>();

  constructor(record: PeerRecord, isDialed: boolean, nowMs: number) {
    this.peer = record.peerId;
    this.role = record.role;
    this.isDialed = isDialed;
    this.connectedAtMs = nowMs;
    this.lastHeardMs = nowMs;
  }

  /** Lag it advertises for a stripe in ms; undefined while it carries nothing there. */
  lagMs(stripe: Stripe): number | undefined {
    const lagMs = this.lagsMs[stripe.id];
    return lagMs === undefined || lagMs === UNKNOWN_LAG_MS ? undefined : lagMs;
  }

  // What it holds

  claim(holdings: ChunkHoldings): void {
    const key = chunkKey(holdings.track, holdings.sequence);
    this.#claims.delete(key);
    this.#claims.set(key, holdings);
    if (this.#claims.size <= MAX_CLAIMED_CHUNKS) return;
    const oldest = this.#claims.keys().next();
    if (!oldest.done) this.#claims.delete(oldest.value);
  }

  claimOf(track: number, sequence: number): ChunkHoldings | undefined {
    return this.#claims.get(chunkKey(track, sequence));
  }

  holds(track: number, sequence: number, index: number): boolean {
    return this.claimOf(track, sequence)?.has[index] === true;
  }

  /** It denied a block it had claimed. */
  retractClaim(track: number, sequence: number, index: number): void {
    const claim = this.claimOf(track, sequence);
    if (claim !== undefined) claim.has[index] = false;
  }

  // What we asked it for

  /** However late the answer comes, and even after a `cancel`, it is no offence. */
  noteAsked(track: number, sequence: number, index: number): void {
    const key = blockKey(track, sequence, index);
    this.#asked.set(key, (this.#asked.get(key) ?? 0) + 1);
    if (this.#asked.size <= MAX_ASKED_BLOCKS) return;
    const oldest = this.#asked.keys().next();
    if (!oldest.done) this.#asked.delete(oldest.value);
  }

  /** Whether a block answers a request of ours; each request excuses one block. */
  takeAsked(track: number, sequence: number, index: number): boolean {
    const key = blockKey(track, sequence, index);
    const count = this.#asked.get(key) ?? 0;
    if (count > 1) this.#asked.set(key, count - 1);
    else this.#asked.delete(key);
    return count > 0;
  }

  noteLeft(stripe: Stripe, nowMs: number): void {
    this.#leftStripes.set(stripe.id, { leftAtMs: nowMs, strays: 0 });
  }

  wasLeft(stripe: Stripe): boolean {
    return this.#leftStripes.has(stripe.id);
  }

  /**
   * A push on a stripe it does not feed us. `under-way`: we left a moment ago. `stray`: it seems
   * not to know that we left. `stale`: we said so often enough. `offence`: we never asked for it.
   */
  judgePush(stripe: Stripe, nowMs: number): "under-way" | "stray" | "stale" | "offence" {
    const left = this.#leftStripes.get(stripe.id);
    if (left === undefined) return "offence";
    if (nowMs - left.leftAtMs < LEFT_MEMORY_MS) return "under-way";
    return ++left.strays <= STRAYS_MAX ? "stray" : "stale";
  }

  // Liveness

  /** The token of a ping to send now, if one is due. */
  takePing(nowMs: number, pingAfterMs: number): number | undefined {
    // A round trip is measured now and then even when data proves the neighbor alive.
    const isQuiet = nowMs - this.lastHeardMs >= pingAfterMs;
    const pauseMs = isQuiet ? pingAfterMs : this.rttMs === undefined ? 0 : 5 * pingAfterMs;
    if (nowMs - this.#lastPingMs < pauseMs) return undefined;
    this.#lastPingMs = nowMs;
    const token = Math.floor(nowMs) % 2 ** 32;
    this.#ping = { token, sentAtMs: nowMs };
    return token;
  }

  notePong(token: number, nowMs: number): void {
    if (this.#ping?.token !== token) return;
    const sampleMs = nowMs - this.#ping.sentAtMs;
    this.#ping = undefined;
    this.rttMs = this.rttMs === undefined ? sampleMs : this.rttMs + 0.25 * (sampleMs - this.rttMs);
  }
}
