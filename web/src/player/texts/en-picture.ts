import type { PictureTexts } from "./player-texts.ts";

export const EN_PICTURE: PictureTexts = {
  player: "video player",
  play: "Play",
  unmute: "Tap to unmute",
  connecting: "Connecting…",
  waitingForStream: "Waiting for the stream… It is not on this server yet. We keep looking.",
  offline: "The broadcaster is offline. We continue when they are back.",
  ended: "The stream has ended.",
  buffering: "Loading…",
  failed: "Something went wrong.",
  unsupportedCodec: "This browser cannot play the stream's codec, {codec}.",
  noMediaSource: "This browser has no Media Source Extensions, which live playback needs.",
  mediaRefused: "The browser could not decode the stream: {reason}",
  soundOnly: "Sound only: this browser cannot show {codec} video.",
};
