import { expect, it } from "vitest";
import { type PlayerFacts, playerState } from "./player-state.ts";

const watching: PlayerFacts = {
  hasSource: true,
  hasFailed: false,
  isKnown: true,
  isLive: true,
  isUnlisted: false,
  hasFirstFrame: true,
  isPaused: false,
  isDry: false,
};
const waiting = { ...watching, hasFirstFrame: false, isDry: true };

it.each<[string, PlayerFacts, string]>([
  ["no src", { ...waiting, hasSource: false }, "idle"],
  ["a failure", { ...watching, hasFailed: true }, "failed"],
  ["no answer yet", { ...waiting, isKnown: undefined, isLive: false }, "connecting"],
  ["an unknown stream", { ...waiting, isKnown: false, isLive: false }, "waiting-for-stream"],
  ["no encoder", { ...waiting, isLive: false }, "offline"],
  ["no encoder, and not listed", { ...waiting, isLive: false, isUnlisted: true }, "ended"],
  ["media on its way", waiting, "buffering"],
  ["playback", watching, "playing"],
  ["a pause", { ...watching, isPaused: true }, "paused"],
  ["a stall", { ...watching, isDry: true }, "buffering"],
  ["the encoder gone, media left", { ...watching, isLive: false }, "playing"],
  ["the encoder gone, media played", { ...watching, isLive: false, isDry: true }, "offline"],
  ["a tracker that forgot the stream", { ...watching, isKnown: false }, "playing"],
])("%s", (_name, facts, state) => {
  expect(playerState(facts)).toBe(state);
});
