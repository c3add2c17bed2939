import type { NeighborStats } from "#mesh";
import { type PeerReport, TRACKER_LIMITS } from "#protocol";

type Flow = PeerReport["neighbors"][number];

/** What went over each link since it was asked last. Of very many, those that carried most. */
export class NeighborFlows {
  #before = new Map<string, { received: number; sent: number }>();

  since(neighbors: readonly NeighborStats[]): Flow[] {
    const before = this.#before;
    this.#before = new Map();
    const flows = neighbors.map((neighbor): Flow => {
      const { peer: peerId, rttMs, receivedBytes: received, sentBytes: sent } = neighbor;
      const last = before.get(peerId);
      this.#before.set(peerId, { received, sent });
      return {
        peerId,
        ...(rttMs !== undefined && { rttMs: Math.round(rttMs) }),
        // A neighbor that went and came back counts from zero again.
        receivedBytes: Math.max(0, received - (last?.received ?? 0)),
        sentBytes: Math.max(0, sent - (last?.sent ?? 0)),
        parentOf: neighbor.parentOf,
        childOf: neighbor.childOf,
      };
    });
    return flows
      .sort((a, b) => b.receivedBytes + b.sentBytes - a.receivedBytes - a.sentBytes)
      .slice(0, TRACKER_LIMITS.reportedNeighbors);
  }
}
