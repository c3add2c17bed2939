/**
 * What the player is doing, as one word for scripts (`statechange`, `getStats().state`).
 *
 * - `idle`: no `src`, or nobody has asked to play it yet.
 * - `connecting`: nothing heard of the stream yet.
 * - `waiting-for-stream`: the server does not know the stream; it is asked again and again.
 * - `offline`: the stream exists, but no encoder is connected.
 * - `ended`: the same, and the server does not list it any more.
 * - `buffering`: media is on its way.
 * - `playing`, `paused`: as they say.
 * - `failed`: this browser cannot play this stream, or `src` is wrong.
 */
export type PlayerState =
  | "idle"
  | "connecting"
  | "waiting-for-stream"
  | "offline"
  | "ended"
  | "buffering"
  | "playing"
  | "paused"
  | "failed";

/** What the state follows from. */
export type PlayerFacts = {
  hasSource: boolean;
  hasFailed: boolean;
  /** Undefined while nobody has answered. */
  isKnown: boolean | undefined;
  isLive: boolean;
  /** The tracker has answered that it does not list the stream. */
  isUnlisted: boolean;
  hasFirstFrame: boolean;
  isPaused: boolean;
  /** Out of media. */
  isDry: boolean;
};

export function playerState(facts: PlayerFacts): PlayerState {
  if (!facts.hasSource) return "idle";
  if (facts.hasFailed) return "failed";
  // What is buffered is played to its end, whatever became of the stream.
  if (facts.hasFirstFrame && !facts.isDry) return facts.isPaused ? "paused" : "playing";
  if (facts.isKnown === undefined) return "connecting";
  if (!facts.isKnown) return "waiting-for-stream";
  if (!facts.isLive) return facts.isUnlisted ? "ended" : "offline";
  return "buffering";
}
