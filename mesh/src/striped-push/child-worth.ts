import type { PeerId } from "#protocol";
import type { MeshContext } from "../context.ts";
import type { Stripe } from "../stripe-table.ts";
import { worthInside } from "./interior.ts";

/** So many complaints make a child's declared uplink count half; they fade by this share a round of the
 * uplink's measurement, to half in about 17 s. */
const COMPLAINTS_HALVE = 3;
const COMPLAINTS_FADE = 0.99;

/** What children can give, as far as their word counts: others complain of those who pass nothing on. */
export class ChildWorth {
  readonly #context: MeshContext;
  /** How often others were in want of a stripe that this child had from us; fades. */
  readonly #complaints = new Map<PeerId, number>();

  constructor(context: MeshContext) {
    this.#context = context;
  }

  /** To one stripe, in bit/s. */
  inside(stripe: Stripe, peer: PeerId): number {
    const uploadBps = this.#context.neighbors.get(peer)?.uploadBps ?? 0;
    return worthInside(peer, uploadBps, stripe, this.#context) / this.#doubt(peer);
  }

  /** To any, in bit/s. */
  ofUplink(peer: PeerId): number {
    return (this.#context.neighbors.get(peer)?.uploadBps ?? 0) / this.#doubt(peer);
  }

  /** Whether so many were in want of what it has that it seems to keep it to itself. */
  isDoubted(peer: PeerId): boolean {
    return (this.#complaints.get(peer) ?? 0) >= COMPLAINTS_HALVE;
  }

  /** Somebody is in want of what this child has from the source. */
  complain(peer: PeerId): void {
    if (this.#context.role !== "seeder") return;
    this.#complaints.set(peer, (this.#complaints.get(peer) ?? 0) + 1);
  }

  fade(): void {
    for (const [peer, count] of this.#complaints) {
      if (count < 0.5) this.#complaints.delete(peer);
      else this.#complaints.set(peer, count * COMPLAINTS_FADE);
    }
  }

  forget(peer: PeerId): void {
    this.#complaints.delete(peer);
  }

  #doubt(peer: PeerId): number {
    return 1 + (this.#complaints.get(peer) ?? 0) / COMPLAINTS_HALVE;
  }
}
