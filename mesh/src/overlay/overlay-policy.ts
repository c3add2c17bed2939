import type { PeerId, PeerRecord } from "#protocol";
import type { MeshContext } from "../context.ts";
import type { Neighbor } from "../neighbor.ts";

/** A peer that could be dialed now. */
export type Acquaintance = {
  readonly record: PeerRecord;
  /** Round trip when it was a neighbor last, in ms; undefined if it never was, or never answered. */
  readonly rttMs: number | undefined;
};

/** Who is linked to whom, by peer; a link may be named at either end. */
export type Topology = Readonly<Record<string, readonly PeerId[]>>;

export type OverlayContext = Pick<MeshContext, "self" | "random" | "options"> & {
  readonly topology: Topology;
};

/**
 * Whom to have as neighbors: the strategy that a stream's descriptor names as its `overlay`. How links
 * are opened, refused and tried again, and that half of them stay our own, is the same for all.
 */
export type OverlayPolicy = {
  /** Viewers to look for, and how many links that others opened may stay where nobody has to yield. */
  readonly degree: { target: number; incoming: number };
  /** Pause between two looks at who is worth its link, in ms; infinity for never. */
  readonly roundMs: number;
  /** Whether this peer may be a neighbor at all, whoever dials. */
  allows(peer: PeerId): boolean;
  /** The viewers to dial, most wanted first. Asked only when there are more than links to open. */
  order(candidates: readonly Acquaintance[]): readonly Acquaintance[];
  /**
   * Once a round: neighbors to give up so that others can be tried, worst first.
   * @param unbound Viewers that neither feed us nor are fed by us, and have had time to be of use.
   * @param linkCount Of all viewers that are neighbors.
   */
  giveUp(unbound: readonly Neighbor[], linkCount: number): readonly Neighbor[];
};

export type OverlayFactory = (context: OverlayContext) => OverlayPolicy;
