import type { PeerId, Role } from "#protocol";
import type { Rendition } from "../renditions/rendition-list.ts";
import type { PlayerState } from "./player-state.ts";
import type { PlayerFailure } from "./player-words.ts";

/** What a `<livemesh-player>` dispatches; `detail` of each `CustomEvent` by its name. */
export type PlayerEvents = {
  /** The first frame is on screen, or playback is back at the live edge after a jump. */
  live: { latencyMs: number | null };
  /** Playback ran out of media. */
  stall: { count: number; totalMs: number };
  /** Latency or its target moved by a tenth of a second; at most once a second. */
  latencychange: { latencyMs: number | null; targetLatencyMs: number };
  /** The rendition on screen is another now, or the one wished for, or the list of them. */
  renditionchange: { id: string | null; wish: string; renditions: readonly Rendition[] };
  peerconnect: { peerId: PeerId; role: Role };
  peerdisconnect: { peerId: PeerId; role: Role };
  /** Playback is not possible; the player shows the message. */
  mesherror: PlayerFailure;
  statechange: { state: PlayerState };
};
