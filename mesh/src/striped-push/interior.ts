import { type PeerId, shortPeerId } from "#protocol";
import type { MeshContext } from "../context.ts";
import { DEFAULT_MESH_OPTIONS } from "../options.ts";
import type { Stripe } from "../stripe-table.ts";

/** Children of one stripe that others count on. Who takes more says so to nobody. */
const FAN_OUT_USUAL = DEFAULT_MESH_OPTIONS.fanOut;
/** Whoever can serve so many children is of use inside at least one tree. */
const LEAST_SLOTS = 3;
/** What a leaf's uplink counts for in a tree. */
const LEAF_SHARE = 0.125;
/** Uplinks beyond this many times the stream's rate do not make a better place. */
const UPLINK_ENOUGH = 5;

/** An uplink below this many times the stream's rate is weak: what a few children get from it waits long. */
const WEAK_OF_STREAM_RATE = 2;
/** Beyond this many times it is strong: above what an uplink that was never full is hoped to carry, in steps of two. */
const STRONG_OF_STREAM_RATE = 3.6;

type World = Pick<MeshContext, "stripes" | "options">;

/** @param uploadBps What an uplink carries, or is said to. */
export function isWeak(uploadBps: number, { stripes }: Pick<World, "stripes">): boolean {
  return uploadBps < WEAK_OF_STREAM_RATE * stripes.streamRateBps();
}

/** @param uploadBps What an uplink carries, or is said to. */
export function isStrong(uploadBps: number, { stripes }: Pick<World, "stripes">): boolean {
  return uploadBps >= STRONG_OF_STREAM_RATE * stripes.streamRateBps();
}

/**
 * Whether a peer is to be inside this stripe's tree and a leaf in others: an uplink spent on few stripes
 * makes few levels, the same uplink spread over all of them makes many (SplitStream, SOSP 2003). In
 * which ones follows from its id, so everybody knows without asking.
 *
 * @param uploadBps What it says its uplink carries.
 */
export function isInterior(peer: PeerId, uploadBps: number, stripe: Stripe, world: World): boolean {
  const { stripes, options } = world;
  const slots = (uploadBps * options.pushShare) / Math.max(1, stripes.stripeRateBps(stripe.track));
  if (slots < LEAST_SLOTS) return false;
  const trees = Math.max(1, Math.round(slots / FAN_OUT_USUAL));
  return rankOf(peer, stripe, stripes.countOf(stripe.track)) < trees;
}

/** What a peer can give to a stripe, in bit/s: little, if it is to be a leaf there. */
export function worthInside(peer: PeerId, uploadBps: number, stripe: Stripe, world: World): number {
  const enoughBps = UPLINK_ENOUGH * world.stripes.streamRateBps();
  const share = isInterior(peer, uploadBps, stripe, world) ? 1 : LEAF_SHARE;
  return Math.min(enoughBps, uploadBps) * share;
}

/**
 * How early a stripe comes in a peer's order of its track's stripes. Those that follow each other there are far
 * apart in the stream: blocks of one chunk are in stripes side by side, and come at once.
 */
function rankOf(peer: PeerId, { stripe }: Stripe, count: number): number {
  const stride = strideOf(count);
  const first = shortPeerId(peer) % count;
  for (let rank = 0; rank < count; rank++) {
    if ((first + rank * stride) % count === stripe) return rank;
  }
  return count;
}

/** About half, and without a common divisor: a walk in such strides meets each stripe once. */
function strideOf(count: number): number {
  for (let stride = count >> 1; stride > 1; stride--) {
    if (commonDivisor(stride, count) === 1) return stride;
  }
  return 1;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
