import type { FlatWorld } from "./flat-world.ts";

/** As in mesh/src/striped-push/interior.ts, by the same names. */
export const FAN_OUT_MAX = 8;
const LEAST_SLOTS = 3;
const LEAF_SHARE = 0.125;
const UPLINK_ENOUGH = 5;

/** Who is to be inside which tree, and what that makes an uplink worth: mesh/src/striped-push/interior.ts. */
export class FlatInterior {
  readonly #world: FlatWorld;
  /** How early a video stripe comes in a peer's order, by how far it is from the peer's first. */
  readonly #ranks: Uint8Array;

  constructor(world: FlatWorld) {
    const count = world.plan.videoStripes;
    const stride = strideOf(count);
    this.#world = world;
    this.#ranks = new Uint8Array(count);
    for (let rank = 0; rank < count; rank++) this.#ranks[(rank * stride) % count] = rank;
  }

  /** @param uploadBps What the peer says its uplink carries. */
  isInside(peer: number, uploadBps: number, stripe: number): boolean {
    const { plan, options } = this.#world;
    const slots = (uploadBps * options.pushShare) / (plan.stripeRateBps[stripe] as number);
    if (slots < LEAST_SLOTS) return false;
    return this.#rankOf(peer, stripe) < Math.max(1, Math.round(slots / FAN_OUT_MAX));
  }

  /** What a peer can give to a stripe, in bit/s: little, if it is to be a leaf there. */
  worthBps(peer: number, uploadBps: number, stripe: number): number {
    const enoughBps = Math.min(UPLINK_ENOUGH * this.#world.plan.rateBps, uploadBps);
    return enoughBps * (this.isInside(peer, uploadBps, stripe) ? 1 : LEAF_SHARE);
  }

  #rankOf(peer: number, stripe: number): number {
    const count = this.#world.plan.videoStripes;
    if (stripe === count) return 0;
    return this.#ranks[(stripe - (shortId(peer) % count) + count) % count] as number;
  }
}

/** Ids are drawn by chance; peers are counted here: mixed, so that neither order nor any stripe is preferred. */
function shortId(peer: number): number {
  const mixed = Math.imul(peer ^ (peer >>> 16), 0x45d9f3b);
  return Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b) >>> 16;
}

function strideOf(count: number): number {
  for (let stride = count >> 1; stride > 1; stride--) {
    if (commonDivisor(stride, count) === 1) return stride;
  }
  return 1;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
