import { KIND, packed } from "./events.ts";
import { CONNECT_FAILS_AFTER_MS } from "./flat-network.ts";
import type { FlatTracker } from "./flat-tracker.ts";
import { type FlatWorld, jittered } from "./flat-world.ts";
import { FlatKnownPeers } from "./known-peers.ts";
import { NO_TICK } from "./timing-wheel.ts";

/** As in mesh/src/overlay/overlay.ts, and adaptive-overlay.ts, by the same names. */
const FIND_MS = 2000;
const FIND_MAX_MS = 30_000;
const SUGGESTED_MS = 3000;
const PROBATION_MS = 5000;
const OWN_SHARE = 0.5;
const ROUND_MS = 10_000;
const KEEP_SHARE = 0.7;
const BROKEN_PROMISE_MS = 200;
/** To tracker and back, in ms: negotiation passes it once each way as well. */
const TRACKER_MS = 40;

const NONE = -1;
const NEVER = Number.POSITIVE_INFINITY;

/** Whom each viewer is connected to: overlay `adaptive` of mesh/src/overlay/ for all peers, tracker included. */
export class FlatOverlay {
  readonly tracker: FlatTracker;
  readonly #world: FlatWorld;
  readonly #known: FlatKnownPeers;
  readonly #roundAtMs: Float32Array;
  readonly #findAtMs: Float32Array;
  readonly #findPauseMs: Float32Array;
  readonly #suggestedAtMs: Float32Array;
  readonly #timers: Int32Array;

  constructor(world: FlatWorld, tracker: FlatTracker) {
    const peers = world.peers.capacity;
    this.#world = world;
    this.tracker = tracker;
    this.#known = new FlatKnownPeers(world);
    this.#roundAtMs = new Float32Array(peers);
    this.#findAtMs = new Float32Array(peers);
    this.#findPauseMs = new Float32Array(peers).fill(FIND_MS);
    this.#suggestedAtMs = new Float32Array(peers).fill(Number.NEGATIVE_INFINITY);
    this.#timers = new Int32Array(peers).fill(NO_TICK);
  }

  introduced(peer: number, want: number): void {
    if (!this.tracker.isUp) return;
    let hasNews = this.#known.renew(peer, 0);
    for (const other of this.tracker.introduce(peer, want)) {
      if (this.#known.renew(peer, other)) hasNews = true;
    }
    if (hasNews) this.#findPauseMs[peer] = FIND_MS;
    this.#schedule(peer, this.#world.wheel.nowMs);
  }

  /** A neighbor has no room; the first of its children that is no neighbor yet is dialed. */
  suggested(peer: number, stripe: number, by: number): void {
    const { links, children, uplinks } = this.#world;
    const count = children.count(by, stripe);
    for (let n = 0; n < count; n++) {
      const other = links.peer[children.nth(by, stripe, n)] as number;
      if (other === peer || (uplinks.announcedBps[other] as number) === 0) continue;
      if (this.named(peer, other)) return;
    }
  }

  /** A neighbor named somebody. @returns Whether that one is dialed. */
  named(peer: number, other: number): boolean {
    const { wheel, links, options } = this.#world;
    if (wheel.nowMs < (this.#suggestedAtMs[peer] as number) + SUGGESTED_MS) return false;
    if ((links.count[peer] as number) >= options.degreeHigh) return false;
    const row = this.#known.rowFor(peer, other);
    if (row === NONE || !this.#known.isStranger(row)) return false;
    this.#suggestedAtMs[peer] = wheel.nowMs;
    this.#dial(peer, row);
    return true;
  }

  /** The pair has met: both see whether they want each other. */
  dialed(peer: number, other: number): void {
    const { peers, links, network, wheel } = this.#world;
    if (!peers.isAlive(peer)) return;
    const isMissed = !peers.isAlive(other) || network.isCut(peer, other);
    if (isMissed || links.find(peer, other) !== NONE) return this.failed(peer, other);
    const here = this.#admits(peer, other, 1);
    const there = this.#admits(other, peer, 0);
    if (!here.isWelcome || !there.isWelcome) return this.failed(peer, other);
    if (here.insteadOf !== NONE) this.#giveUp(here.insteadOf);
    if (there.insteadOf !== NONE) this.#giveUp(there.insteadOf);
    const slot = links.open(peer, other, network.oneWayMs(peer, other), wheel.nowMs);
    if (slot === NONE) return this.failed(peer, other);
    this.#connected(peer, other);
    this.#connected(other, peer);
    this.#world.met(slot);
  }

  failed(peer: number, other: number): void {
    if (!this.#world.peers.isAlive(peer)) return;
    this.#known.backOff(peer, other);
    this.#schedule(peer, this.#world.wheel.nowMs);
  }

  /** A neighbor is gone. */
  gone(peer: number, other: number): void {
    if (peer !== 0) this.failed(peer, other);
  }

  timer(peer: number): void {
    const { wheel, peers } = this.#world;
    if (this.#timers[peer] !== wheel.tick) return;
    this.#timers[peer] = NO_TICK;
    if (!peers.isAlive(peer)) return;
    this.#round(peer);
    const dueAtMs = this.#dialWanted(peer);
    this.#schedule(peer, Math.min(dueAtMs, this.#roundAtMs[peer] as number));
  }

  /** Give up the worst now and then, as far as there are others to try. */
  #round(peer: number): void {
    const { wheel, random, links, options } = this.#world;
    const roundAtMs = this.#roundAtMs[peer] as number;
    if (roundAtMs > wheel.nowMs) return;
    this.#roundAtMs[peer] = wheel.nowMs + jittered(ROUND_MS, random);
    const count = this.#viewerNeighbors(peer);
    if (roundAtMs === 0 || count < options.degreeTarget) return;
    let others = this.#candidates(peer);
    if (others === 0) return this.#findMore(peer, 1);
    for (
      let left = Math.floor(count * (1 - KEEP_SHARE));
      left > 0 && others > 0;
      left--, others--
    ) {
      const worst = this.#worst(peer, (slot) => {
        const brokenPromises = links.brokenPromises[slot] as number;
        return (links.roundTripMs[slot] as number) + BROKEN_PROMISE_MS * brokenPromises;
      });
      if (worst === NONE) return;
      this.#giveUp(worst);
    }
  }

  /** @returns When somebody can be dialed again, or looked for. */
  #dialWanted(peer: number): number {
    const { wheel, random } = this.#world;
    let missing = this.#missing(peer);
    let dueAtMs = NEVER;
    const { rows } = this.#known;
    const start = Math.floor(random() * rows);
    for (let nth = 0; nth < rows; nth++) {
      const row = this.#known.shuffled(peer, start, nth);
      if (!this.#known.isStranger(row)) continue;
      const other = this.#known.peerOf(row);
      const retryAtMs = this.#known.retryAtMs(row);
      if (other !== 0 && missing === 0) continue;
      if (retryAtMs > wheel.nowMs) dueAtMs = Math.min(dueAtMs, retryAtMs);
      else {
        this.#dial(peer, row);
        if (other !== 0) missing--;
      }
    }
    if (missing === 0) return dueAtMs;
    this.#findMore(peer, missing);
    return Math.min(dueAtMs, this.#findAtMs[peer] as number);
  }

  /** Viewers to connect to until there are enough, and enough of them our own. */
  #missing(peer: number): number {
    const { options } = this.#world;
    let count = this.#viewerNeighbors(peer);
    let own = this.#dialedBy(peer, 1);
    for (let row = this.#known.first(peer); row < this.#known.end(peer); row++) {
      if (!this.#known.isConnecting(row) || this.#known.peerOf(row) === 0) continue;
      count++;
      own++;
    }
    const { degreeTarget, degreeHigh } = options;
    const wanted = Math.max(degreeTarget - count, Math.ceil(degreeTarget * OWN_SHARE) - own);
    return Math.max(0, Math.min(degreeHigh - count, wanted));
  }

  /** Links to viewers that the peer dialed itself, or that others did. */
  #dialedBy(peer: number, isDialed: 0 | 1): number {
    const { links } = this.#world;
    let count = 0;
    for (let slot = links.first(peer); slot < links.end(peer); slot++) {
      if ((links.peer[slot] as number) > 0 && links.isDialed[slot] === isDialed) count++;
    }
    return count;
  }

  #viewerNeighbors(peer: number): number {
    const { links } = this.#world;
    return (links.count[peer] as number) - (links.find(peer, 0) === NONE ? 0 : 1);
  }

  /** Viewers that could be dialed now. */
  #candidates(peer: number): number {
    let count = 0;
    for (let row = this.#known.first(peer); row < this.#known.end(peer); row++) {
      if (!this.#known.isStranger(row) || this.#known.peerOf(row) === 0) continue;
      if (this.#known.retryAtMs(row) <= this.#world.wheel.nowMs) count++;
    }
    return count;
  }

  /** Ask the tracker for others, the less often the less it helps; not at the very start. */
  #findMore(peer: number, want: number): void {
    const { wheel, random } = this.#world;
    const findAtMs = this.#findAtMs[peer] as number;
    if (findAtMs > wheel.nowMs) return;
    if (findAtMs > 0) {
      wheel.push(wheel.nowMs + TRACKER_MS, packed(KIND.introduced, peer), want, 0);
    }
    const pauseMs = this.#findPauseMs[peer] as number;
    this.#findAtMs[peer] = wheel.nowMs + jittered(pauseMs, random);
    this.#findPauseMs[peer] = Math.min(2 * pauseMs, FIND_MAX_MS);
  }

  /** Part from a neighbor for the sake of another: neither dials the other for a while. */
  #giveUp(slot: number): void {
    const { links } = this.#world;
    const peer = links.ownerOf(slot);
    const other = links.peer[slot] as number;
    this.#known.parted(peer, other);
    this.#known.parted(other, peer);
    this.#world.drop(slot);
  }

  #dial(peer: number, row: number): void {
    const { wheel, network } = this.#world;
    const other = this.#known.peerOf(row);
    this.#known.noteDialed(row);
    const isPossible = network.canMeet(peer, other);
    const takesMs = isPossible
      ? TRACKER_MS + network.connectMs(peer, other)
      : CONNECT_FAILS_AFTER_MS;
    const kind = isPossible ? KIND.dialed : KIND.dialFailed;
    wheel.push(wheel.nowMs + takesMs, packed(kind, peer), other, 0);
  }

  /** Whether a link that just opened may stay, and whose place it takes. */
  #admits(peer: number, other: number, isDialed: 0 | 1): { isWelcome: boolean; insteadOf: number } {
    const { links, options, seederOptions } = this.#world;
    const count = links.count[peer] as number;
    const most = peer === 0 ? seederOptions.seederDegreeHigh : options.degreeHigh;
    const hasPlace =
      peer === 0 || isDialed === 1 || this.#dialedBy(peer, 0) < options.degreeHigh / 2;
    if (other === 0 || (hasPlace && count < most)) return { isWelcome: true, insteadOf: NONE };
    if (peer === 0) return { isWelcome: false, insteadOf: NONE };
    // Of its own kind only: half of the links stay ours.
    const insteadOf = this.#worst(peer, (slot) =>
      links.isDialed[slot] === isDialed ? (links.roundTripMs[slot] as number) : NONE,
    );
    return { isWelcome: insteadOf !== NONE, insteadOf };
  }

  /**
   * The worst of the viewers that have no part in a peer's trees, of those that have had their time.
   * @param costOf Slot's cost, negative for those out of question.
   */
  #worst(peer: number, costOf: (slot: number) => number): number {
    const { links, wheel, parents, children } = this.#world;
    let worst = NONE;
    let most = -1;
    for (let slot = links.first(peer); slot < links.end(peer); slot++) {
      if ((links.peer[slot] as number) <= 0) continue;
      if (wheel.nowMs - (links.sinceMs[slot] as number) < PROBATION_MS) continue;
      const cost = costOf(slot);
      if (cost <= most) continue;
      if (parents.feedsAny(peer, slot) || children.isChildOfAny(peer, slot)) continue;
      worst = slot;
      most = cost;
    }
    return worst;
  }

  #connected(peer: number, other: number): void {
    if (peer === 0) return;
    this.#known.met(peer, other);
    this.#schedule(peer, this.#world.wheel.nowMs);
  }

  #schedule(peer: number, dueAtMs: number): void {
    const { wheel } = this.#world;
    const atMs = Math.max(dueAtMs, wheel.nowMs + wheel.pauseMs);
    const timer = this.#timers[peer] as number;
    if (timer !== NO_TICK && timer <= wheel.tickOf(atMs)) return;
    this.#timers[peer] = wheel.push(atMs, packed(KIND.overlayTimer, peer), 0, 0);
  }
}
