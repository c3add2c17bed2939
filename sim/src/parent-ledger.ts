import type { PeerId, PeerMessage } from "#protocol";

/** A change of parents leaves two for a moment: the old one goes when the new one has accepted. */
const CHANGE_MAX_MS = 3000;

/** Who feeds whom which stripe, by what was said on the wire and not by what engines believe. */
export class ParentLedger {
  /** Parents that accepted, per child and stripe. */
  readonly #parents = new Map<string, Set<PeerId>>();
  /** Since when a stripe of a child has more than one. */
  readonly #sinceMs = new Map<string, number>();

  said(from: PeerId, to: PeerId, message: PeerMessage): void {
    switch (message.type) {
      case "accept": {
        const key = keyOf(to, message);
        const parents = this.#parents.get(key);
        if (parents === undefined) this.#parents.set(key, new Set([from]));
        else parents.add(from);
        return;
      }
      case "refuse":
        this.#parents.get(keyOf(to, message))?.delete(from);
        return;
      case "unsubscribe":
        this.#parents.get(keyOf(from, message))?.delete(to);
        return;
    }
  }

  /**
   * Stripes that have had several parents for too long.
   * @param isLinked Whether the two still hear each other; whoever does not feeds nobody.
   */
  crowded(isLinked: (child: PeerId, parent: PeerId) => boolean, nowMs: number): string[] {
    const tooLong: string[] = [];
    for (const [key, parents] of this.#parents) {
      const child = key.slice(0, key.indexOf(" ")) as PeerId;
      for (const parent of parents) if (!isLinked(child, parent)) parents.delete(parent);
      if (parents.size === 0) this.#parents.delete(key);
      if (parents.size < 2) {
        this.#sinceMs.delete(key);
        continue;
      }
      const sinceMs = this.#sinceMs.get(key) ?? nowMs;
      this.#sinceMs.set(key, sinceMs);
      if (nowMs - sinceMs > CHANGE_MAX_MS) tooLong.push(`${key} of ${[...parents].join(" and ")}`);
    }
    return tooLong;
  }
}

function keyOf(child: PeerId, { track, stripe }: { track: number; stripe: number }): string {
  return `${child} gets stripe ${track}/${stripe}`;
}
