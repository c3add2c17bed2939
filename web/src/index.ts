import { LivemeshPlayer } from "./player/livemesh-player.ts";

export { LivemeshPlayer } from "./player/livemesh-player.ts";
export type { PlayerEvents } from "./player/player-events.ts";
export type { PlayerState } from "./player/player-state.ts";
export type { PlayerStats } from "./player/player-stats.ts";
export type { PlayerFailure } from "./player/player-words.ts";
export type { Rendition } from "./renditions/rendition-list.ts";

declare global {
  interface HTMLElementTagNameMap {
    "livemesh-player": LivemeshPlayer;
  }
}

// Two copies of the script on one page are a mistake, but no reason to break it.
if (customElements.get("livemesh-player") === undefined) {
  customElements.define("livemesh-player", LivemeshPlayer);
}
