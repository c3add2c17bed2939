import type { PeerId, PeerRecord } from "#protocol";
import type { MeshContext } from "./context.ts";
import type { Candidate } from "./exchange.ts";
import type { Part } from "./part.ts";

/** Peers we may know without being connected: protects memory from talkative trackers. */
const KNOWN_MAX = 64;
/** Peers remembered as banned or shunned: an attacker that changes its id gains nothing by more. */
const BANNED_MAX = 256;
/** A neighbor that sent only blocks that were too old stays away this long, in ms, doubled each time. */
const SHUN_MS = 10_000;
const SHUN_MAX_MS = 120_000;
const RETRY_MS = 1000;
const RETRY_MAX_MS = 30_000;
const FIND_MS = 2000;
/** Peers suggested by neighbors are dialed at most this often, in ms: nobody makes us dial at will. */
const SUGGESTED_MS = 3000;
/** A new link is not given up for another before this, in ms: it takes that long to be of use. */
const PROBATION_MS = 5000;

type Known = {
  record: PeerRecord;
  /** The neighbor that named it, and can pass on negotiation. */
  via: PeerId | undefined;
  failures: number;
  retryAtMs: number;
};

/** Whom to be connected to: the seeder, and as many others as the target degree says. */
export class Overlay implements Part {
  readonly #context: MeshContext;
  readonly #isInTrees: (peer: PeerId) => boolean;
  readonly #known = new Map<PeerId, Known>();
  readonly #connecting = new Map<PeerId, number>();
  readonly #banned = new Set<PeerId>();
  readonly #shunned = new Map<PeerId, { untilMs: number; pauseMs: number }>();
  #findAtMs = 0;
  #suggestedAtMs = 0;
  #findPauseMs = FIND_MS;
  dueAtMs = 0;

  /** @param isInTrees Whether a neighbor is a parent or child of ours in some stripe. */
  constructor(context: MeshContext, isInTrees: (peer: PeerId) => boolean) {
    this.#context = context;
    this.#isInTrees = isInTrees;
  }

  /** By the tracker. @returns Whether there was somebody new. */
  introduced(peers: readonly PeerRecord[]): boolean {
    this.#lookAgain();
    let hasNews = false;
    for (const record of peers) {
      const { peerId } = record;
      if (peerId === this.#context.self || this.#banned.has(peerId)) continue;
      const via = this.#known.get(peerId)?.via;
      if (!this.#known.has(peerId)) {
        this.#findPauseMs = FIND_MS;
        hasNews = true;
      }
      const retryAtMs = Math.max(this.#context.nowMs, this.#shunned.get(peerId)?.untilMs ?? 0);
      this.#known.set(peerId, { record, via, failures: 0, retryAtMs });
    }
    this.#forgetOldest();
    return hasNews;
  }

  /** By a neighbor. Failures are not forgiven: it may name the same dead peer for ever. */
  named({ record, via }: Candidate): void {
    const { peerId } = record;
    if (peerId === this.#context.self || this.#banned.has(peerId)) return;
    this.#lookAgain();
    const known = this.#known.get(peerId);
    if (known !== undefined) {
      known.via = via;
      return;
    }
    const retryAtMs = Math.max(this.#context.nowMs, this.#shunned.get(peerId)?.untilMs ?? 0);
    this.#known.set(peerId, { record, via, failures: 0, retryAtMs });
    this.#forgetOldest();
  }

  /** Viewers to connect to until there are enough, those being dialed not counted. */
  get missing(): number {
    const { role, options } = this.#context;
    return role === "seeder" ? 0 : Math.max(0, options.degreeTarget - this.#viewerLinks());
  }

  /** A neighbor has no room, and names who may have: the first we do not know yet is dialed. */
  suggested(peers: readonly PeerId[], via: PeerId): void {
    const { nowMs, neighbors, self, options } = this.#context;
    if (nowMs < this.#suggestedAtMs + SUGGESTED_MS || neighbors.size >= options.degreeHigh) return;
    const peer = peers.find((id) => id !== self && !neighbors.has(id) && !this.#connecting.has(id));
    if (peer === undefined || this.#banned.has(peer) || this.#isShunned(peer)) return;
    this.#suggestedAtMs = nowMs;
    const record: PeerRecord = { peerId: peer, role: "viewer" };
    this.#known.set(peer, { record, via, failures: 0, retryAtMs: nowMs });
    this.#connecting.set(peer, nowMs);
    this.#context.emit({ type: "connect", peer, via });
    this.#lookAgain();
  }

  /**
   * Whether a link that just opened may stay. When there are enough, a newcomer takes the place of a
   * neighbor that neither feeds us nor is fed by us: or those who came first would have all the links.
   */
  admits(record: PeerRecord, isDialed: boolean): "yes" | "no" | { insteadOf: PeerId } {
    const { neighbors, options, role } = this.#context;
    if (this.#banned.has(record.peerId) || this.#isShunned(record.peerId)) return "no";
    if (record.role === "seeder") return "yes";
    if (role === "seeder") return neighbors.size < options.seederDegreeHigh ? "yes" : "no";
    if (neighbors.size < options.degreeHigh) return "yes";
    const least = this.#leastUseful(isDialed);
    return least === undefined ? "no" : { insteadOf: least };
  }

  /** The neighbor without a part in our trees that answers slowest, of those that have had their time.
   * @param isDialed For a link of our own, only such a one is given up: half of them stay ours. */
  #leastUseful(isDialed: boolean): PeerId | undefined {
    const { neighbors, nowMs } = this.#context;
    let least: PeerId | undefined;
    let longestMs = -1;
    for (const neighbor of neighbors.values()) {
      if (neighbor.role === "seeder" || nowMs - neighbor.connectedAtMs < PROBATION_MS) continue;
      if (neighbor.isDialed !== isDialed || this.#isInTrees(neighbor.peer)) continue;
      const rttMs = neighbor.rttMs ?? 1000;
      if (rttMs > longestMs) {
        longestMs = rttMs;
        least = neighbor.peer;
      }
    }
    return least;
  }

  connected(record: PeerRecord): void {
    this.#lookAgain();
    this.#connecting.delete(record.peerId);
    const via = this.#known.get(record.peerId)?.via;
    this.#known.set(record.peerId, { record, via, failures: 0, retryAtMs: 0 });
  }

  failed(peer: PeerId): void {
    this.#lookAgain();
    this.#connecting.delete(peer);
    this.#backOff(peer);
  }

  gone(peer: PeerId): void {
    this.#lookAgain();
    this.#backOff(peer);
  }

  /** Never again in this session. */
  ban(peer: PeerId): void {
    this.#known.delete(peer);
    this.#connecting.delete(peer);
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

  housekeep(): void {
    const { nowMs, options, neighbors, role } = this.#context;
    for (const [peer, sinceMs] of this.#connecting) {
      if (nowMs - sinceMs < options.connectTimeoutMs) continue;
      this.#context.emit({ type: "disconnect", peer, reason: "silent" });
      this.failed(peer);
    }
    if (role === "seeder") {
      this.dueAtMs = this.#nextDueAtMs();
      return;
    }
    for (const [peer, known] of this.#known) {
      const isOpen = neighbors.has(peer) || this.#connecting.has(peer);
      if (isOpen || known.retryAtMs > nowMs) continue;
      const isWanted = known.record.role === "seeder" || this.#viewerLinks() < options.degreeTarget;
      if (!isWanted) continue;
      this.#connecting.set(peer, nowMs);
      const { via } = known;
      this.#context.emit({ type: "connect", peer, ...(via === undefined ? {} : { via }) });
    }
    if (this.#viewerLinks() < options.degreeTarget && this.#findAtMs <= nowMs) {
      if (this.#findAtMs > 0) {
        const want = options.degreeTarget - this.#viewerLinks();
        this.#context.emit({ type: "find-peers", want });
      }
      this.#findAtMs = nowMs + this.#findPauseMs * (0.8 + 0.4 * this.#context.random());
      this.#findPauseMs = Math.min(this.#findPauseMs * 2, RETRY_MAX_MS);
    }
    this.dueAtMs = this.#nextDueAtMs();
  }

  #forgetOldest(): void {
    for (const peer of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      if (!this.#context.neighbors.has(peer)) this.#known.delete(peer);
    }
  }

  #lookAgain(): void {
    this.dueAtMs = Math.min(this.dueAtMs, this.#context.nowMs);
  }

  #nextDueAtMs(): number {
    const { options, neighbors, role } = this.#context;
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const sinceMs of this.#connecting.values()) {
      wakeAtMs = Math.min(wakeAtMs, sinceMs + options.connectTimeoutMs);
    }
    if (role === "seeder") return wakeAtMs;
    const isThin = this.#viewerLinks() < options.degreeTarget;
    if (isThin) wakeAtMs = Math.min(wakeAtMs, this.#findAtMs);
    for (const [peer, known] of this.#known) {
      if (neighbors.has(peer) || this.#connecting.has(peer)) continue;
      if (isThin || known.record.role === "seeder") wakeAtMs = Math.min(wakeAtMs, known.retryAtMs);
    }
    return wakeAtMs;
  }

  #isShunned(peer: PeerId): boolean {
    return (this.#shunned.get(peer)?.untilMs ?? 0) > this.#context.nowMs;
  }

  #viewerLinks(): number {
    let count = 0;
    for (const neighbor of this.#context.neighbors.values())
      if (neighbor.role === "viewer") count++;
    for (const peer of this.#connecting.keys()) {
      if (this.#known.get(peer)?.record.role === "viewer") count++;
    }
    return count;
  }

  #backOff(peer: PeerId): void {
    const known = this.#known.get(peer);
    if (known === undefined) return;
    known.failures++;
    const isHopeless = known.failures > 2 && known.record.role === "viewer";
    if (isHopeless) this.#known.delete(peer);
    const pauseMs = Math.min(RETRY_MS * 2 ** known.failures, RETRY_MAX_MS);
    known.retryAtMs = this.#context.nowMs + pauseMs * (0.8 + 0.4 * this.#context.random());
  }
}
