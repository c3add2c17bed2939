import type { LivemeshPlayerAttributes } from "./player/jsx.ts";
import { LivemeshPlayer } from "./player/livemesh-player.ts";

export type { LivemeshPlayerAttributes } from "./player/jsx.ts";
export { LivemeshPlayer, type LivemeshPlayerEventMap } from "./player/livemesh-player.ts";
export type { P2pDecision, P2pOffReason } from "./player/p2p/p2p-policy.ts";
export type { PlayerEvents, PlayerFailure } from "./player/player-events.ts";
export type { PlayerState } from "./player/player-state.ts";
export type { PlayerStats } from "./player/player-stats.ts";
export type { PlayerTexts } from "./player/texts/player-texts.ts";
export type { Rendition } from "./renditions/rendition-list.ts";

declare global {
  interface HTMLElementTagNameMap {
    "livemesh-player": LivemeshPlayer;
  }
  // Solid, Preact, Stencil; React has its own: `livemesh/player/react`.
  namespace JSX {
    interface IntrinsicElements {
      "livemesh-player": LivemeshPlayerAttributes & Record<string, unknown>;
    }
  }
}

// Two copies of the script on one page are a mistake, but no reason to break it.
if (customElements.get("livemesh-player") === undefined) {
  customElements.define("livemesh-player", LivemeshPlayer);
}
