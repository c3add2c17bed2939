import type { PeerId, PeerMessage } from "#protocol";

/** A change of parents leaves two for a moment: the old one goes when the new one has accepted. */
const CHANGE_MAX_MS = 3000;

/** Parents of one stripe of one child, and since when there are several. */
type Feed = { parents: Set<PeerId>; severalSinceMs: number | undefined };

/** Who feeds whom which stripe, by what was said on the wire and not by what engines believe. */
export class ParentLedger {
  /** By child, and by track and stripe. */
  readonly #feeds = new Map<PeerId, Map<string, Feed>>();

  said(from: PeerId, to: PeerId, message: PeerMessage): void {
    switch (message.type) {
      case "accept":
        this.#feedOf(to, message).parents.add(from);
        return;
      case "refuse":
        this.#feedOf(to, message).parents.delete(from);
        return;
      case "unsubscribe":
        this.#feedOf(from, message).parents.delete(to);
        return;
    }
  }

  /** Their link is closed: neither feeds the other, even if they meet again. */
  parted(a: PeerId, b: PeerId): void {
    for (const { parents } of this.#feeds.get(a)?.values() ?? []) parents.delete(b);
    for (const { parents } of this.#feeds.get(b)?.values() ?? []) parents.delete(a);
  }

  /**
   * Stripes that have had several parents for too long.
   * @param isThere Whether this peer has not vanished: whoever has feeds nobody.
   */
  crowded(isThere: (peer: PeerId) => boolean, nowMs: number): string[] {
    const tooLong: string[] = [];
    for (const [child, feeds] of this.#feeds) {
      if (!isThere(child)) this.#feeds.delete(child);
      for (const [stripe, feed] of feeds) {
        for (const parent of feed.parents) if (!isThere(parent)) feed.parents.delete(parent);
        feed.severalSinceMs = feed.parents.size < 2 ? undefined : (feed.severalSinceMs ?? nowMs);
        if (nowMs - (feed.severalSinceMs ?? nowMs) <= CHANGE_MAX_MS) continue;
        tooLong.push(`${child} gets stripe ${stripe} of ${[...feed.parents].join(" and ")}`);
      }
    }
    return tooLong;
  }

  #feedOf(child: PeerId, { track, stripe }: { track: number; stripe: number }): Feed {
    const feeds = this.#feeds.get(child) ?? new Map<string, Feed>();
    this.#feeds.set(child, feeds);
    const key = `${track}/${stripe}`;
    const feed = feeds.get(key) ?? { parents: new Set<PeerId>(), severalSinceMs: undefined };
    feeds.set(key, feed);
    return feed;
  }
}
