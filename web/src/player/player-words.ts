import { reasonOf } from "../sink/reason-of.ts";
import type { PlaybackFailure } from "../sink/renewable-sink.ts";
import { codecName } from "./codec-name.ts";
import type { P2pDecision } from "./p2p/p2p-policy.ts";
import type { PlayerState } from "./player-state.ts";
import { fill, type PictureTexts } from "./texts/player-texts.ts";

/** Why playback is not possible. */
export type FailureReason =
  | { code: "bad-src"; message: string }
  | { code: "unsupported-codec"; codec: string }
  | { code: "no-media-source" }
  | { code: "media-refused"; cause: string }
  | { code: "unsupported-stream"; problem: string };

/** How peers and servers are reached just now. */
export type MeshFacts = {
  p2p: P2pDecision;
  /** How long it has been playing without any neighbor, in ms. */
  aloneMs: number;
  isTrackerOnline: boolean;
};

/** What stands in the middle of the picture; undefined while there is something to see. */
export function messageFor(
  state: PlayerState,
  failure: FailureReason | undefined,
  texts: PictureTexts,
): string | undefined {
  switch (state) {
    case "idle":
    case "playing":
    case "paused":
      return undefined;
    case "connecting":
      return texts.connecting;
    case "waiting-for-stream":
      return texts.waitingForStream;
    case "offline":
      return texts.offline;
    case "ended":
      return texts.ended;
    case "buffering":
      return texts.buffering;
    case "failed":
      return failure === undefined ? texts.failed : failureWords(failure, texts);
  }
}

/** What the player leaves out of a stream: the picture or the sound, in a codec nobody here decodes. */
export type LeftOut = { kind: "video" | "audio"; codec: string };

/** What is said in the middle of a picture that cannot be shown, while the sound plays. */
export function soundOnlyMessage(
  leftOut: readonly LeftOut[],
  texts: PictureTexts,
): string | undefined {
  const picture = leftOut.find(({ kind }) => kind === "video");
  return picture && fill(texts.soundOnly, { codec: codecName(picture.codec) });
}

export function failureOf(failure: PlaybackFailure): FailureReason {
  switch (failure.code) {
    case "unsupported-codec":
    case "no-media-source":
      return failure;
    case "refused":
      return { code: "media-refused", cause: reasonOf(failure.cause) };
  }
}

export function failureWords(failure: FailureReason, texts: PictureTexts): string {
  switch (failure.code) {
    case "bad-src":
      return failure.message;
    case "unsupported-stream":
      return failure.problem;
    case "unsupported-codec":
      return fill(texts.unsupportedCodec, { codec: codecName(failure.codec) });
    case "no-media-source":
      return texts.noMediaSource;
    case "media-refused":
      return fill(texts.mediaRefused, { reason: failure.cause });
  }
}
