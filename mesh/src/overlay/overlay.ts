import type { PeerId, PeerRecord } from "#protocol";
import type { MeshContext } from "../context.ts";
import type { Candidate } from "../exchange.ts";
import type { Neighbor } from "../neighbor.ts";
import type { Part } from "../part.ts";
import { type Known, KnownPeers } from "./known-peers.ts";
import type { OverlayPolicy } from "./overlay-policy.ts";

const FIND_MS = 2000;
const FIND_MAX_MS = 30_000;
/** Peers suggested by neighbors are dialed at most this often, in ms: nobody makes us dial at will. */
const SUGGESTED_MS = 3000;
/** A new link is not given up for another before this, in ms: it takes that long to be of use. */
const PROBATION_MS = 5000;
/** Share of the links that we look for that have to be our own, however many others dial us. */
const OWN_SHARE = 0.5;

/** What the overlay asks of the engine. */
export type OverlayLinks = {
  /** Whether a neighbor is a parent or child of ours in some stripe. */
  isInTrees(peer: PeerId): boolean;
  /** Part from a neighbor for the sake of another. */
  giveUp(peer: PeerId): void;
};

/** Opens, admits and gives up links: to the seeder, and to as many viewers as the policy says. */
export class Overlay implements Part {
  readonly #context: MeshContext;
  readonly #policy: OverlayPolicy;
  readonly #links: OverlayLinks;
  readonly #known: KnownPeers;
  readonly #connecting = new Map<PeerId, number>();
  #findAtMs = 0;
  #findPauseMs = FIND_MS;
  #suggestedAtMs = 0;
  #roundAtMs: number | undefined;
  dueAtMs = 0;

  constructor(context: MeshContext, policy: OverlayPolicy, links: OverlayLinks) {
    this.#context = context;
    this.#policy = policy;
    this.#links = links;
    this.#known = new KnownPeers(context);
  }

  /** By the tracker. @returns Whether there was somebody new. */
  introduced(peers: readonly PeerRecord[]): boolean {
    this.#lookAgain();
    let hasNews = false;
    for (const record of peers) {
      if (this.#isOutOfQuestion(record.peerId)) continue;
      if (this.#known.renew(record)) hasNews = true;
    }
    if (hasNews) this.#findPauseMs = FIND_MS;
    return hasNews;
  }

  /** By a neighbor. Failures are not forgiven: it may name the same dead peer for ever. */
  named({ record, via }: Candidate): void {
    if (this.#isOutOfQuestion(record.peerId)) return;
    this.#lookAgain();
    const known = this.#known.get(record.peerId);
    if (known === undefined) this.#known.add(record, via);
    else known.via = via;
  }

  /** Viewers to connect to until there are enough, those being dialed not counted. */
  get missing(): number {
    if (this.#context.role === "seeder") return 0;
    const { count, own } = this.#viewerLinks();
    const { target } = this.#policy.degree;
    const room = this.#context.options.degreeHigh - count;
    return Math.max(
      0,
      Math.min(room, Math.max(target - count, Math.ceil(target * OWN_SHARE) - own)),
    );
  }

  /** A neighbor has no room, and names who may have: the first we do not know yet is dialed. */
  suggested(peers: readonly PeerId[], via: PeerId): void {
    const { nowMs, neighbors, options } = this.#context;
    if (nowMs < this.#suggestedAtMs + SUGGESTED_MS || neighbors.size >= options.degreeHigh) return;
    const peer = peers.find((id) => !this.#isOpen(id) && !this.#isOutOfQuestion(id));
    if (peer === undefined || this.#known.isKeptAway(peer)) return;
    this.#suggestedAtMs = nowMs;
    if (this.#known.get(peer) === undefined) {
      this.#known.add({ peerId: peer, role: "viewer" }, via);
    }
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
    if (this.#known.isKeptAway(record.peerId) || !this.#policy.allows(record.peerId)) return "no";
    if (record.role === "seeder") return "yes";
    if (role === "seeder") return neighbors.size < options.seederDegreeHigh ? "yes" : "no";
    const { count, own } = this.#viewerNeighbors();
    const hasPlace = isDialed || count - own < this.#policy.degree.incoming;
    if (hasPlace && neighbors.size < options.degreeHigh) return "yes";
    // Of its own kind only: half of the links stay ours.
    const sameKind = this.#unbound().filter((neighbor) => neighbor.isDialed === isDialed);
    const least = slowest(sameKind);
    return least === undefined ? "no" : { insteadOf: least.peer };
  }

  connected(record: PeerRecord): void {
    this.#lookAgain();
    this.#connecting.delete(record.peerId);
    this.#known.met(record);
  }

  failed(peer: PeerId): void {
    this.#lookAgain();
    this.#connecting.delete(peer);
    this.#known.backOff(peer);
  }

  gone(peer: PeerId): void {
    this.#lookAgain();
    this.#known.backOff(peer);
  }

  /** A neighbor prefers another, or we do. */
  parted({ peer, rttMs }: Neighbor): void {
    this.#known.parted(peer, rttMs);
  }

  /** Never again in this session. */
  ban(peer: PeerId): void {
    this.#connecting.delete(peer);
    this.#known.ban(peer);
  }

  /** Not for a while: it is slow, or we are. */
  shun(peer: PeerId): void {
    this.#known.shun(peer);
  }

  housekeep(): void {
    const { nowMs, options, role } = this.#context;
    for (const [peer, sinceMs] of this.#connecting) {
      if (nowMs - sinceMs < options.connectTimeoutMs) continue;
      this.#context.emit({ type: "disconnect", peer, reason: "silent" });
      this.failed(peer);
    }
    if (role === "viewer") {
      this.#round();
      this.#dialWanted();
      if (this.missing > 0) this.#find();
    }
    this.dueAtMs = this.#nextDueAtMs();
  }

  /** Give up the worst, as far as there are others to try. */
  #round(): void {
    const { nowMs, random } = this.#context;
    const { roundMs, degree } = this.#policy;
    const isDue = this.#roundAtMs !== undefined && this.#roundAtMs <= nowMs;
    if (this.#roundAtMs === undefined || isDue) {
      this.#roundAtMs = nowMs + roundMs * (0.8 + 0.4 * random());
    }
    const { count } = this.#viewerNeighbors();
    if (!isDue || count < degree.target) return;
    // A living neighbor is not given up for one that could not be reached.
    const others = this.#candidates().filter(({ failures }) => failures === 0).length;
    if (others === 0) return this.#find();
    const worst = this.#policy.giveUp(this.#unbound(), count).slice(0, others);
    for (const { peer } of worst) this.#links.giveUp(peer);
  }

  #dialWanted(): void {
    for (const { record } of this.#strangers()) {
      const { peerId, role } = record;
      const isSeeder = role === "seeder" && this.#policy.allows(peerId);
      if (isSeeder && this.#isDue(peerId)) this.#dial(peerId);
    }
    const candidates = this.#candidates();
    const count = this.missing;
    const hasChoice = candidates.length > count && count > 0;
    const ordered = hasChoice ? this.#policy.order(candidates) : candidates;
    for (const { record } of ordered.slice(0, count)) this.#dial(record.peerId);
  }

  #dial(peer: PeerId): void {
    this.#connecting.set(peer, this.#context.nowMs);
    const via = this.#known.get(peer)?.via;
    this.#context.emit({ type: "connect", peer, ...(via === undefined ? {} : { via }) });
  }

  /** Ask the tracker for others, the less often the less it helps; not at the very start, when it
   * has just been asked. */
  #find(): void {
    const { nowMs, random } = this.#context;
    if (this.#findAtMs > nowMs) return;
    if (this.#findAtMs > 0) {
      this.#context.emit({ type: "find-peers", want: Math.max(1, this.missing) });
    }
    this.#findAtMs = nowMs + this.#findPauseMs * (0.8 + 0.4 * random());
    this.#findPauseMs = Math.min(this.#findPauseMs * 2, FIND_MAX_MS);
  }

  /** Viewers that could be dialed now. */
  #candidates(): Known[] {
    return this.#strangers().filter(
      ({ record }) =>
        record.role === "viewer" &&
        this.#isDue(record.peerId) &&
        this.#policy.allows(record.peerId),
    );
  }

  #strangers(): Known[] {
    const known = [...this.#known.strangers()];
    return known.filter(({ record }) => !this.#connecting.has(record.peerId));
  }

  #isDue(peer: PeerId): boolean {
    return (this.#known.get(peer)?.retryAtMs ?? 0) <= this.#context.nowMs;
  }

  #isOpen(peer: PeerId): boolean {
    return this.#context.neighbors.has(peer) || this.#connecting.has(peer);
  }

  #isOutOfQuestion(peer: PeerId): boolean {
    return peer === this.#context.self || this.#known.isBanned(peer);
  }

  /** Viewers without a part in our trees, of those that have had their time. */
  #unbound(): Neighbor[] {
    const { neighbors, nowMs } = this.#context;
    return [...neighbors.values()].filter(
      ({ role, connectedAtMs, peer }) =>
        role === "viewer" && nowMs - connectedAtMs >= PROBATION_MS && !this.#links.isInTrees(peer),
    );
  }

  #lookAgain(): void {
    this.dueAtMs = Math.min(this.dueAtMs, this.#context.nowMs);
  }

  #nextDueAtMs(): number {
    const { options, role } = this.#context;
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const sinceMs of this.#connecting.values()) {
      wakeAtMs = Math.min(wakeAtMs, sinceMs + options.connectTimeoutMs);
    }
    if (role === "seeder") return wakeAtMs;
    const isThin = this.missing > 0;
    if (isThin) wakeAtMs = Math.min(wakeAtMs, this.#findAtMs);
    for (const { record, retryAtMs } of this.#strangers()) {
      if (!this.#policy.allows(record.peerId)) continue;
      if (isThin || record.role === "seeder") wakeAtMs = Math.min(wakeAtMs, retryAtMs);
    }
    return Math.min(wakeAtMs, this.#roundAtMs ?? wakeAtMs);
  }

  #viewerNeighbors(): { count: number; own: number } {
    let count = 0;
    let own = 0;
    for (const { role, isDialed } of this.#context.neighbors.values()) {
      if (role !== "viewer") continue;
      count++;
      if (isDialed) own++;
    }
    return { count, own };
  }

  /** Those being dialed included. */
  #viewerLinks(): { count: number; own: number } {
    const { count, own } = this.#viewerNeighbors();
    let dialed = 0;
    for (const peer of this.#connecting.keys()) {
      if (this.#known.get(peer)?.record.role === "viewer") dialed++;
    }
    return { count: count + dialed, own: own + dialed };
  }
}

function slowest(neighbors: readonly Neighbor[]): Neighbor | undefined {
  const rttOf = ({ rttMs = 1000 }: Neighbor) => rttMs;
  return [...neighbors].sort((a, b) => rttOf(b) - rttOf(a))[0];
}
