import type { Member } from "./swarm.ts";

/** Members without order: adding, removing and drawing some do not depend on how many there are. */
export class MemberBag {
  readonly #members: Member[] = [];
  readonly #places = new Map<Member, number>();

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    this.#places.set(member, this.#members.length);
    this.#members.push(member);
  }

  remove(member: Member): void {
    const place = this.#places.get(member);
    if (place === undefined) return;
    this.#places.delete(member);
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    this.#members[place] = last;
    this.#places.set(last, place);
  }

  /**
   * Up to `count` different members, each as likely as any other.
   * @param random Uniform in [0, 1).
   * @param except Left out.
   */
  sample(count: number, random: () => number, except?: Member): Member[] {
    const drawn: Member[] = [];
    // Fisher-Yates from the front, remembering only the places that were swapped.
    const swapped = new Map<number, number>();
    const total = this.#members.length;
    for (let i = 0; i < total && drawn.length < count; i++) {
      const j = i + Math.floor(random() * (total - i));
      const place = swapped.get(j) ?? j;
      swapped.set(j, swapped.get(i) ?? i);
      const member = this.#members[place];
      if (member !== undefined && member !== except) drawn.push(member);
    }
    return drawn;
  }
}
