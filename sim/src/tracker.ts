import type { PeerId, PeerRecord, SignedPeerRecord } from "#protocol";
import type { Random } from "./random.ts";
import type { SimPeer } from "./viewer.ts";

/** Peers named in one answer at most, as in protocol. */
const INTRODUCE_MAX = 16;
/** Those who announced themselves last, of whom half of an answer is drawn. */
const RECENT = 40;
/** Of an answer relays of operators may have this share, as in signaling. */
const RELAY_SHARE = 0.25;
/** Draws for one answer: some meet the same peer twice, or the asker. */
const TRIES_MAX = 4 * INTRODUCE_MAX;
/** A member's record is good for this long, in ms; a run is shorter. */
const MEMBER_FOR_MS = 86_400_000;
const SIGNATURE = new Uint8Array(64);

/** Who is in the swarm, and whom a peer is told of. */
export class Tracker {
  isUp = true;
  readonly #random: Random;
  readonly #seeders: SimPeer[] = [];
  readonly #announced: SimPeer[] = [];
  readonly #isLinked: ((a: PeerId, b: PeerId) => boolean) | undefined;

  /** @param isLinked Where links are stated, a tracker names those who are to be linked, not chance. */
  constructor(random: Random, isLinked?: (a: PeerId, b: PeerId) => boolean) {
    this.#random = random;
    this.#isLinked = isLinked;
  }

  announce(peer: SimPeer): void {
    if (peer.role === "seeder") this.#seeders.push(peer);
    else this.#announced.push(peer);
  }

  forget(peer: SimPeer): void {
    const at = this.#announced.indexOf(peer);
    const last = this.#announced.at(-1);
    if (at < 0 || last === undefined) return;
    this.#announced[at] = last;
    this.#announced.pop();
  }

  /** The seeder, and a random sample of the others. */
  introduce(to: SimPeer, want: number): PeerRecord[] {
    const isLinked = this.#isLinked;
    if (isLinked !== undefined) {
      const linked = this.#announced.filter(({ id }) => isLinked(to.id, id));
      return [...this.#seeders, ...linked].map(recordOf);
    }
    const all = this.#announced.length;
    const count = Math.min(want, INTRODUCE_MAX, all - 1);
    const others = new Set(this.#relaysFor(to, Math.floor(count * RELAY_SHARE)));
    for (let tries = 0; others.size < count && tries < TRIES_MAX; tries++) {
      // Every other one from those who came last: they have places left.
      const among = tries % 2 === 0 ? all : Math.min(all, RECENT);
      const drawn = this.#announced[all - 1 - Math.floor(this.#random() * among)];
      if (drawn !== undefined && drawn !== to) others.add(drawn);
    }
    return [...this.#seeders, ...others].map(recordOf);
  }

  #relaysFor(to: SimPeer, count: number): SimPeer[] {
    const relays = this.#announced.filter((peer) => peer.isRelay && peer !== to);
    while (relays.length > count) {
      relays.splice(Math.floor(this.#random() * relays.length), 1);
    }
    return relays;
  }

  /** The signed word that this peer is a member. */
  membership(peer: SimPeer, nowMs: number): SignedPeerRecord {
    const expiresAtMs = Math.floor(nowMs) + MEMBER_FOR_MS;
    return { ...recordOf(peer), expiresAtMs, signature: SIGNATURE };
  }
}

export function recordOf(peer: SimPeer): PeerRecord {
  return { peerId: peer.id, role: peer.role };
}
