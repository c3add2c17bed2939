import { reasonOf } from "../sink/reason-of.ts";
import type { PlaybackFailure } from "../sink/renewable-sink.ts";
import { codecName } from "./codec-name.ts";
import type { PlayerState } from "./player-state.ts";

/** Why playback is not possible, for people and for scripts (`mesherror`). */
export type PlayerFailure = {
  code:
    | "bad-src"
    | "unsupported-codec"
    | "no-media-source"
    | "media-refused"
    | "unsupported-stream";
  message: string;
};

/** How peers and servers are reached just now. */
export type MeshFacts = {
  /** False where the browser has no WebRTC, or something has switched it off. */
  hasWebRtc: boolean;
  /** How long it has been playing without any neighbor, in ms. */
  aloneMs: number;
  isTrackerOnline: boolean;
};

/** Being without neighbors is worth a word after this long, in ms: connecting takes a second. */
const ALONE_MS = 10_000;

/** What stands in the middle of the picture; undefined while there is something to see. */
export function messageFor(
  state: PlayerState,
  failure: PlayerFailure | undefined,
): string | undefined {
  switch (state) {
    case "idle":
    case "playing":
    case "paused":
      return undefined;
    case "connecting":
      return "Connecting…";
    case "waiting-for-stream":
      return "Waiting for the stream… It is not on this server yet. We keep looking.";
    case "offline":
      return "The broadcaster is offline. We continue when they are back.";
    case "buffering":
      return "Loading…";
    case "failed":
      return failure?.message ?? "Something went wrong.";
  }
}

/** What is out of the ordinary while it plays; undefined when nothing is. */
export function noticeFor(mesh: MeshFacts): string | undefined {
  if (!mesh.hasWebRtc) return "Playing over HTTP: WebRTC is not available in this browser.";
  if (mesh.aloneMs >= ALONE_MS) {
    return mesh.isTrackerOnline
      ? "Playing over HTTP: no other viewer can be reached."
      : "Playing over HTTP: the tracker cannot be reached. We keep trying.";
  }
  return undefined;
}

export function failureOf(failure: PlaybackFailure): PlayerFailure {
  switch (failure.code) {
    case "unsupported-codec":
      return {
        code: "unsupported-codec",
        message: `This browser cannot play the stream's codec, ${codecName(failure.codec)}.`,
      };
    case "no-media-source":
      return {
        code: "no-media-source",
        message: "This browser has no Media Source Extensions, which live playback needs.",
      };
    case "refused":
      return {
        code: "media-refused",
        message: `The browser could not decode the stream: ${reasonOf(failure.cause)}`,
      };
  }
}
