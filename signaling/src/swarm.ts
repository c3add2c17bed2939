import type { PeerId, PeerRecord } from "#protocol";

export type SocketId = string;

/** Those who came last, of whom half of an introduction is drawn: they have places left. */
const RECENT_MAX = 40;

/** A peer of one swarm, the socket it is reached by, and whom it was told of. */
export type Member = {
  readonly record: PeerRecord;
  readonly socketId: SocketId;
  readonly introduced: Set<PeerId>;
};

/** The members of one stream. Adding, removing and drawing a sample do not depend on its size. */
export class Swarm {
  readonly #members = new Map<PeerId, Member>();
  /** Viewers without order, for drawing. */
  readonly #viewers: Member[] = [];
  readonly #places = new Map<PeerId, number>();
  /** The last to come of those still here, oldest first. */
  readonly #recent = new Set<Member>();
  #seeder: Member | undefined;

  get size(): number {
    return this.#members.size;
  }

  get viewerCount(): number {
    return this.#viewers.length;
  }

  get seeder(): Member | undefined {
    return this.#seeder;
  }

  get(peerId: PeerId): Member | undefined {
    return this.#members.get(peerId);
  }

  members(): IterableIterator<Member> {
    return this.#members.values();
  }

  /** The peer id must be free. */
  add(member: Member): void {
    const { peerId, role } = member.record;
    this.#members.set(peerId, member);
    if (role === "seeder") {
      this.#seeder = member;
    } else {
      this.#places.set(peerId, this.#viewers.length);
      this.#viewers.push(member);
      this.#noteRecent(member);
    }
  }

  #noteRecent(member: Member): void {
    this.#recent.add(member);
    for (const oldest of this.#recent) {
      if (this.#recent.size <= RECENT_MAX) return;
      this.#recent.delete(oldest);
    }
  }

  remove(peerId: PeerId): void {
    const member = this.#members.get(peerId);
    if (member !== undefined) this.#recent.delete(member);
    this.#members.delete(peerId);
    if (this.#seeder?.record.peerId === peerId) this.#seeder = undefined;
    const place = this.#places.get(peerId);
    if (place === undefined) return;
    this.#places.delete(peerId);
    const last = this.#viewers.pop();
    if (last === undefined || last.record.peerId === peerId) return;
    this.#viewers[place] = last;
    this.#places.set(last.record.peerId, place);
  }

  /**
   * Up to `count` different viewers for somebody to connect to: half of those who came last, for they
   * have places left, and half of all, so that the swarm hangs together.
   * @param random Uniform in [0, 1).
   * @param except Left out.
   */
  introductions(count: number, random: () => number, except?: PeerId): Member[] {
    const recent = [...this.#recent].filter(({ record }) => record.peerId !== except);
    const drawn = new Set<Member>();
    for (let left = Math.floor(count / 2); left > 0 && recent.length > 0; left--) {
      for (const member of recent.splice(Math.floor(random() * recent.length), 1))
        drawn.add(member);
    }
    // As many as are asked for, though some be drawn for the second time.
    for (const member of this.sample(count, random, except)) {
      if (drawn.size < count) drawn.add(member);
    }
    return [...drawn];
  }

  /**
   * Up to `count` different viewers, each as likely as any other.
   * @param random Uniform in [0, 1).
   * @param except Left out.
   */
  sample(count: number, random: () => number, except?: PeerId): Member[] {
    const drawn: Member[] = [];
    // Fisher-Yates from the front, remembering only the places that were swapped.
    const swapped = new Map<number, number>();
    const total = this.#viewers.length;
    for (let i = 0; i < total && drawn.length < count; i++) {
      const j = i + Math.floor(random() * (total - i));
      const place = swapped.get(j) ?? j;
      swapped.set(j, swapped.get(i) ?? i);
      const member = this.#viewers[place];
      if (member !== undefined && member.record.peerId !== except) drawn.push(member);
    }
    return drawn;
  }
}
