import {
  type ChunkHoldings,
  type PeerId,
  type PeerRecord,
  type Role,
  UNKNOWN_LAG_MS,
} from "#protocol";
import { blockKey } from "./block-key.ts";
import { messageAllowance } from "./message-allowance.ts";
import type { Stripe } from "./stripe-table.ts";

/** Chunks per track whose holdings are remembered at most: a window of 10 s of chunks of 80 ms. A claim
 * takes the place of the one this many chunks before, so memory per link is bounded. */
const CLAIMED_CHUNKS_MAX = 128;
/** Windows remembered otherwise: chunks that end at key frames are shorter than the rest. */
const CLAIMED_WINDOWS = 1.5;
/** Blocks a neighbor canceled that are remembered: some seconds of a stream. */
const MAX_TOLD_BLOCKS = 256;
/** Blocks that may arrive unasked-for by our books because we asked a while ago. */
const MAX_ASKED_BLOCKS = 1024;
/** A ping is given up after this, in ms: links are reliable, but peers may be older than pings. */
const PING_LOST_MS = 4000;
/** A round trip that was never measured is taken for this, in ms. */
const UNKNOWN_RTT_MS = 300;
/** Only when it is this late, in ms, does an unanswered ping tell more than nothing. */
const PENDING_TELLS_MS = 100;
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
  /** Shortest round trip so far: what the path takes when nobody's queue is in the way. */
  leastRttMs = Number.POSITIVE_INFINITY;
  isCongested = false;
  badBlocks = 0;
  /** At least one of them cannot come from an honest peer, however slow. */
  hasForged = false;
  badMessages = 0;
  /** What it may still say. */
  readonly allowance = messageAllowance();
  receivedBytes = 0;
  sentBytes = 0;
  /** Requests it let run out or denied lately: pushes it back in the choice of holders. */
  brokenPromises = 0;
  lagsMs: readonly number[] = [];
  /** Requests under way to it. */
  inFlight = 0;
  #ping: { token: number; sentAtMs: number } | undefined;
  #sample: { queueMs: number; atMs: number } | undefined;
  #lastPingMs = Number.NEGATIVE_INFINITY;
  readonly #told = new Set<number>();
  readonly #claimedChunks: number;
  /** Per track, by sequence modulo the number of chunks remembered. */
  readonly #doubtedUntilMs: number[] = [];
  readonly #claims: (ChunkHoldings | undefined)[][] = [];
  /** Requests sent and not answered by a block yet, per block. */
  readonly #asked = new Map<number, number>();
  readonly #leftStripes = new Map<number, { leftAtMs: number; strays: number }>();

  /** @param windowChunks Chunks per track that the swarm exchanges: its claims of them count. */
  constructor(record: PeerRecord, isDialed: boolean, nowMs: number, windowChunks: number) {
    this.#claimedChunks = Math.min(CLAIMED_CHUNKS_MAX, Math.ceil(CLAIMED_WINDOWS * windowChunks));
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

  /** By its lag it should have had a block, and had not: it is late with this stripe until then. */
  doubt(stripe: Stripe, untilMs: number): void {
    this.#doubtedUntilMs[stripe.id] = untilMs;
  }

  isDoubted(stripe: Stripe, nowMs: number): boolean {
    return (this.#doubtedUntilMs[stripe.id] ?? 0) > nowMs;
  }

  // What it holds

  claim(holdings: ChunkHoldings): void {
    const claims = this.#claims[holdings.track] ?? [];
    this.#claims[holdings.track] = claims;
    claims[holdings.sequence % this.#claimedChunks] = holdings;
  }

  claimOf(track: number, sequence: number): ChunkHoldings | undefined {
    const claim = this.#claims[track]?.[sequence % this.#claimedChunks];
    return claim?.sequence === sequence ? claim : undefined;
  }

  /** Of a track: its newest chunk there and the newest one that a newcomer can begin with. */
  reach(track: number): { newest: number; start: number } | undefined {
    let newest = -1;
    let start = -1;
    for (const claim of this.#claims[track] ?? []) {
      if (claim === undefined) continue;
      newest = Math.max(newest, claim.sequence);
      if (claim.isIndependent) start = Math.max(start, claim.sequence);
    }
    return start < 0 ? undefined : { newest, start };
  }

  holds(track: number, sequence: number, index: number): boolean {
    if (this.claimOf(track, sequence)?.has[index] === true) return true;
    return this.#told.size > 0 && this.#told.has(blockKey(track, sequence, index));
  }

  /** It says, before its news does, that it need not be sent this block. */
  noteHas(track: number, sequence: number, index: number): void {
    this.#told.add(blockKey(track, sequence, index));
    if (this.#told.size <= MAX_TOLD_BLOCKS) return;
    const oldest = this.#told.values().next();
    if (!oldest.done) this.#told.delete(oldest.value);
  }

  /** It denied a block it had claimed. */
  retractClaim(track: number, sequence: number, index: number): void {
    const claim = this.claimOf(track, sequence);
    // A copy: in one process the sender may share what it sent with others.
    if (claim?.has[index] === true) this.claim({ ...claim, has: claim.has.with(index, false) });
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

  /** The token of a ping to send now, if one is due.
   * @param measureAfterMs Pause between round trips measured while the neighbor is heard anyway. */
  takePing(nowMs: number, pingAfterMs: number, measureAfterMs: number): number | undefined {
    // A round trip is measured now and then even when data proves the neighbor alive.
    const isQuiet = nowMs - this.lastHeardMs >= pingAfterMs;
    const pauseMs = isQuiet ? pingAfterMs : this.rttMs === undefined ? 0 : measureAfterMs;
    if (nowMs - this.#lastPingMs < pauseMs) return undefined;
    // One at a time: a late answer is what tells of a queue.
    if (this.#ping !== undefined && nowMs - this.#ping.sentAtMs < PING_LOST_MS) return undefined;
    this.#lastPingMs = nowMs;
    const token = Math.floor(nowMs) % 2 ** 32;
    this.#ping = { token, sentAtMs: nowMs };
    return token;
  }

  /**
   * How much longer than its shortest a round trip took lately, in ms: an unanswered ping counts as
   * soon as it is late. Undefined when nothing was measured for `maxAgeMs`.
   */
  queueMs(nowMs: number, maxAgeMs: number): number | undefined {
    const leastMs = Math.min(this.leastRttMs, UNKNOWN_RTT_MS);
    const pendingMs = this.#ping === undefined ? 0 : nowMs - this.#ping.sentAtMs - leastMs;
    const isFresh = this.#sample !== undefined && nowMs - this.#sample.atMs <= maxAgeMs;
    const sampleMs = isFresh ? (this.#sample?.queueMs ?? 0) : undefined;
    return pendingMs > (sampleMs ?? PENDING_TELLS_MS) ? pendingMs : sampleMs;
  }

  notePong(token: number, nowMs: number): void {
    if (this.#ping?.token !== token) return;
    const sampleMs = nowMs - this.#ping.sentAtMs;
    this.#ping = undefined;
    this.leastRttMs = Math.min(this.leastRttMs, sampleMs);
    this.#sample = { queueMs: sampleMs - this.leastRttMs, atMs: nowMs };
    this.rttMs = this.rttMs === undefined ? sampleMs : this.rttMs + 0.25 * (sampleMs - this.rttMs);
  }
}
