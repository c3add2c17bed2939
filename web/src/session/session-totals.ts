import type { MeshStats } from "#mesh";

/** Sums that go on when a session is replaced by another: P2P was switched on or off. */
export class SessionTotals {
  #past: MeshStats | undefined;

  /** To be called with the last numbers of a session that ends. */
  keep(last: MeshStats | undefined): void {
    if (last !== undefined) this.#past = this.with(last);
  }

  /** What the running session says, and what others before it came to. */
  with(now: MeshStats): MeshStats {
    const past = this.#past;
    if (past === undefined) return now;
    return {
      ...now,
      bytes: sum(past.bytes, now.bytes),
      blocks: sum(past.blocks, now.blocks),
      chunks: sum(past.chunks, now.chunks),
    };
  }
}

function sum<T extends Record<string, number>>(one: T, other: T): T {
  return Object.fromEntries(
    Object.keys(other).map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]),
  ) as T;
}
