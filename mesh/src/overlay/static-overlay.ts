import type { PeerId } from "#protocol";
import type { OverlayContext } from "./overlay-policy.ts";
import { RandomOverlay } from "./random-overlay.ts";

/** Exactly the links of a given topology, the seeder's as well: for experiments. */
export class StaticOverlay extends RandomOverlay {
  override readonly degree: { target: number; incoming: number };
  readonly #linked: ReadonlySet<PeerId>;

  constructor(context: OverlayContext) {
    super(context);
    const { topology, self } = context;
    const naming = Object.entries(topology).filter(([, peers]) => peers.includes(self));
    this.#linked = new Set([...(topology[self] ?? []), ...naming.map(([peer]) => peer as PeerId)]);
    this.degree = { target: this.#linked.size, incoming: this.#linked.size };
  }

  override allows(peer: PeerId): boolean {
    return this.#linked.has(peer);
  }
}
