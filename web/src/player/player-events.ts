import type { PeerId, Role } from "#protocol";
import type { TimedMetadata } from "../in-band/event-queue.ts";
import type { Rendition } from "../renditions/rendition-list.ts";
import type { IceDiagnosis } from "./p2p/ice-diagnosis.ts";
import type { P2pDecision } from "./p2p/p2p-policy.ts";
import type { PlayerState } from "./player-state.ts";
import type { UnsupportedTrack } from "./player-stats.ts";
import type { FailureReason } from "./player-words.ts";

/** What went wrong, for scripts (`code`) and for people (`message`, in the player's language). */
export type PlayerFailure = {
  code: FailureReason["code"] | IceDiagnosis["code"] | "bad-attribute";
  message: string;
  /** Playback is not possible, and the player shows the message. Otherwise it goes on without what
   * failed. */
  isFatal: boolean;
};

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
  /** Playback is not possible, an attribute says what it may not, or a peer cannot be reached. */
  mesherror: PlayerFailure;
  /** The browser decodes no track of these kinds; the player says so and plays the rest. Empty once
   * the stream has come to what can be played. Without a rest, `mesherror` follows. */
  unsupportedcodec: { tracks: readonly UnsupportedTrack[] };
  /** The playhead has come to an event in the media: timed ID3, SCTE-35. Up to 0.25 s late. */
  timedmetadata: TimedMetadata;
  statechange: { state: PlayerState };
  /**
   * Before this browser connects to others for the first time. Bubbles; `preventDefault()` keeps it
   * to HTTP until `enableP2p()`.
   */
  beforep2p: { isRelayOnly: boolean };
  /** P2P went on or off; while it is off, why. */
  p2pchange: P2pDecision;
};
