import type { Block, PeerId, PeerMessage } from "#protocol";
import type { MeshContext } from "./context.ts";
import type { BlockSender } from "./events.ts";
import type { Neighbor } from "./neighbor.ts";
import type { Part } from "./part.ts";
import type { StripeStats } from "./stats.ts";
import type { Stripe } from "./stripe-table.ts";

/** Messages by which neighbors agree who pushes what to whom. */
export type SchedulerMessage = PeerMessage & {
  type: "subscribe" | "unsubscribe" | "accept" | "route" | "refuse";
};

/**
 * A block that came without having been requested. `expected`: it is wanted. `under-way`: it was, a
 * moment ago. `stray`: the sender seems not to know. `stale`: it was told often enough. `offence`:
 * nobody asked for it.
 */
export type Judgement = "expected" | "under-way" | "stray" | "stale" | "offence";

/** When a block that is not here is to be requested, and whether somebody owes it to us. */
export type Expectation = { dueAtMs: number; isPushed: boolean };

/** Which block of the stream. */
export type BlockPlace = Pick<Block, "track" | "sequence" | "index">;

/** A block that is not here and not asked for, and that `holders` neighbors claim. */
export type Wanted = { deadlineMs: number; holders: number };

/** What a scheduler works with. */
export type SchedulerContext = MeshContext & {
  /** Queue a block for a neighbor, behind those that wait already. */
  push(to: PeerId, block: Block): void;
  /** First chunk still wanted of which this stripe's block is neither here nor asked for. */
  firstLacking(stripe: Stripe): number;
  /** Neighbors should hear soon what we carry: there is something new for them. */
  tellNews(): void;
  /** A neighbor names peers that may have room for us. */
  suggested(peers: readonly PeerId[], by: PeerId): void;
};

/**
 * How blocks travel between neighbors: the strategy that a stream's descriptor names. What a
 * strategy does not bring in time is requested by `repair`, whatever the strategy.
 */
export type Scheduler = {
  readonly parts: readonly Part[];
  /** How often holdings news goes out, in ms. Without it: the option of the same name. */
  readonly haveIntervalMs?: number;
  /**
   * Given by a strategy that pulls: what is due and claimed by a neighbor is requested, least rank first,
   * a few blocks at a time of each neighbor. Without it requests are for what a push did not bring.
   */
  rank?(wanted: Wanted): number;
  /** Whether this neighbor is told that we hold a block. Without it: everybody is told everything. */
  readonly shows?: (to: Neighbor, block: BlockPlace) => boolean;
  judge(stripe: Stripe, from: Neighbor): Judgement;
  /** A genuine block was stored for the first time: pass it on. */
  stored(stripe: Stripe, block: Block, from: BlockSender): void;
  /** A block came without having been requested, perhaps for the second time. */
  pushed(stripe: Stripe, from: PeerId): void;
  /** A `stray`: tell its sender again. */
  strayed(stripe: Stripe, from: PeerId): void;
  /**
   * @param heardAtMs When the block's chunk was first heard of.
   * @param sourceTimeMs Of the chunk; undefined when it cannot be told yet.
   */
  expectation(stripe: Stripe, heardAtMs: number, sourceTimeMs: number | undefined): Expectation;
  /** A block came for the first time because it was requested or fetched. */
  cameElsewhere(stripe: Stripe, block: Block, from: BlockSender): void;
  /** A block somebody owed us came from elsewhere, for we had asked. */
  overdue(stripe: Stripe, from: BlockSender): void;
  received(from: Neighbor, message: SchedulerMessage): void;
  /** A neighbor has something new to offer, or there are new tracks. */
  lookAgain(): void;
  /** This peer takes part in other tracks now: see `stripes.taken`. */
  tracksChosen?(): void;
  neighborGone(peer: PeerId): void;
  /** The uplink was measured anew. */
  uplinkMeasured(): void;
  /** Bit/s of our uplink that neighbors may count on. */
  readonly promisedBps: number;
  /** Whether a stripe comes by itself, so that its lag means something to others. */
  isCarried(stripe: Stripe): boolean;
  stripeStats(stripe: Stripe): StripeStats;
  /** Stripes that a neighbor pushes to us, and we to it. */
  stripesFrom(peer: PeerId): number;
  stripesTo(peer: PeerId): number;
};

export type SchedulerFactory = (context: SchedulerContext) => Scheduler;
