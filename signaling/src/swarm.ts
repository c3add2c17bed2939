import type { PeerHints, PeerId, PeerRecord } from "#protocol";
import { MemberBag } from "./member-bag.ts";

export type SocketId = string;
/** One tracker process; new with each start. */
export type TrackerId = string;

/** Those who came last, of whom half of an introduction is drawn: they have places left. */
const RECENT_MAX = 40;

/** Who states that it can send so much is no home but a relay of an operator, in bit/s. */
const RELAY_UPLOAD_BPS = 100_000_000;

/** Where a peer is, and what it is like: orders introductions. */
export type Place = PeerHints & {
  /** Stands for the public address; equal for peers that are likely to be in one LAN. */
  network?: string | undefined;
};

/** A peer of one swarm, the socket it is reached by, and whom it was told of. */
export type Member = {
  readonly record: PeerRecord;
  readonly socketId: SocketId;
  /** The tracker its socket is at; undefined is this one. */
  readonly tracker: TrackerId | undefined;
  readonly place: Place;
  readonly introduced: Set<PeerId>;
  /** Networks whose peers say that it sent them forged blocks; bounded. Undefined: none. */
  reportedBy?: Set<string> | undefined;
};

/** The members of one stream. Adding, removing and drawing a sample do not depend on its size. */
export class Swarm {
  readonly #members = new Map<PeerId, Member>();
  readonly #viewers = new MemberBag();
  /** Viewers that take no links. */
  readonly #httpOnly = new MemberBag();
  /** The last to come of those still here, oldest first. */
  readonly #recent = new Set<Member>();
  readonly #relays = new MemberBag();
  readonly #networks = new Groups();
  readonly #regions = new Groups();
  #seeder: Member | undefined;

  get size(): number {
    return this.#members.size;
  }

  get viewerCount(): number {
    return this.#viewers.size + this.#httpOnly.size;
  }

  get seeder(): Member | undefined {
    return this.#seeder;
  }

  /** Those that may be introduced. */
  get viewers(): MemberBag {
    return this.#viewers;
  }

  /** Of those, who came last and are still here, at most {@link RECENT_MAX}, oldest first. */
  get recent(): Iterable<Member> {
    return this.#recent;
  }

  get(peerId: PeerId): Member | undefined {
    return this.#members.get(peerId);
  }

  members(): IterableIterator<Member> {
    return this.#members.values();
  }

  /** Viewers that can send to hundreds, by what they state. */
  get relays(): MemberBag {
    return this.#relays;
  }

  /** Viewers of the same network; undefined when there are none. */
  sameNetwork({ network }: Place): MemberBag | undefined {
    return this.#networks.of(network);
  }

  /** Viewers of the same region; undefined when there are none. */
  sameRegion({ region }: Place): MemberBag | undefined {
    return this.#regions.of(region);
  }

  /** The peer id must be free. */
  add(member: Member): void {
    const { peerId, role } = member.record;
    this.#members.set(peerId, member);
    if (role === "seeder") {
      this.#seeder = member;
      return;
    }
    if (member.place.isHttpOnly) {
      this.#httpOnly.add(member);
      return;
    }
    this.#viewers.add(member);
    if ((member.place.uploadBps ?? 0) >= RELAY_UPLOAD_BPS) this.#relays.add(member);
    this.#noteRecent(member);
    this.#networks.add(member.place.network, member);
    this.#regions.add(member.place.region, member);
  }

  remove(peerId: PeerId): void {
    const member = this.#members.get(peerId);
    if (member === undefined) return;
    this.#members.delete(peerId);
    if (this.#seeder === member) this.#seeder = undefined;
    this.#viewers.remove(member);
    this.#httpOnly.remove(member);
    this.#relays.remove(member);
    this.#recent.delete(member);
    this.#networks.remove(member.place.network, member);
    this.#regions.remove(member.place.region, member);
  }

  #noteRecent(member: Member): void {
    this.#recent.add(member);
    for (const oldest of this.#recent) {
      if (this.#recent.size <= RECENT_MAX) return;
      this.#recent.delete(oldest);
    }
  }
}

/** Viewers by something they have in common; who does not say is in no group. */
class Groups {
  readonly #groups = new Map<string, MemberBag>();

  of(key: string | undefined): MemberBag | undefined {
    return key === undefined ? undefined : this.#groups.get(key);
  }

  add(key: string | undefined, member: Member): void {
    if (key === undefined) return;
    const group = this.#groups.get(key) ?? new MemberBag();
    this.#groups.set(key, group);
    group.add(member);
  }

  remove(key: string | undefined, member: Member): void {
    const group = this.of(key);
    group?.remove(member);
    if (key !== undefined && group?.size === 0) this.#groups.delete(key);
  }
}
