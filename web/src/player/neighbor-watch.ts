import type { NeighborStats } from "#mesh";
import type { PeerId, Role } from "#protocol";

export type NeighborChange = { type: "peerconnect" | "peerdisconnect"; peerId: PeerId; role: Role };

/** Turns lists of neighbors into news of who came and who went. */
export class NeighborWatch {
  #known = new Map<PeerId, Role>();

  /** @returns What changed since the last call: who went, then who came. */
  update(neighbors: readonly NeighborStats[]): NeighborChange[] {
    const now = new Map(neighbors.map(({ peer, role }) => [peer, role]));
    const changes = [
      ...difference(this.#known, now, "peerdisconnect"),
      ...difference(now, this.#known, "peerconnect"),
    ];
    this.#known = now;
    return changes;
  }
}

function difference(
  from: ReadonlyMap<PeerId, Role>,
  without: ReadonlyMap<PeerId, Role>,
  type: NeighborChange["type"],
): NeighborChange[] {
  return [...from]
    .filter(([peerId]) => !without.has(peerId))
    .map(([peerId, role]) => ({ type, peerId, role }));
}
