import { expect, it } from "vitest";
import type { TrackDescriptor } from "./descriptor.ts";
import { startVideo, tracksWith, videoRenditions } from "./renditions.ts";

function video(id: string, bitrateBps: number, height: number): TrackDescriptor {
  const width = Math.round((height * 16) / 9);
  const rest = {
    kind: "video",
    codec: "avc1.64001e",
    stripes: 8,
    initVersion: 0,
    init: "",
  } as const;
  return { id, bitrateBps, width, height, ...rest };
}
const audio: TrackDescriptor = { ...video("a0", 128_000, 0), kind: "audio", codec: "mp4a.40.2" };

const ladder = [video("v1", 2_500_000, 720), audio, video("v0", 5_000_000, 1080)];

it("names renditions of the picture, best first", () => {
  expect(videoRenditions({ tracks: ladder }).map(({ id }) => id)).toEqual(["v0", "v1"]);
  const unknown = [video("v0", 0, 360), video("v1", 9_000, 1080)];
  expect(videoRenditions({ tracks: unknown }).map(({ id }) => id)).toEqual(["v1", "v0"]);
});

it.each([
  [
    "the best up to 1.5 Mbit/s",
    [video("v0", 1_500_001, 720), video("v1", 1_500_000, 480), video("v2", 1, 90)],
    "v1",
  ],
  ["the least, where all are more", ladder, "v1"],
  [
    "the best up to 480 lines while rates are unknown",
    [video("v0", 0, 720), video("v1", 0, 480), video("v2", 0, 90)],
    "v1",
  ],
  ["no picture where there is none", [audio], undefined],
])("a newcomer begins with %s", (_, tracks, id) => {
  expect(startVideo({ tracks })?.id).toBe(id);
});

it("takes one picture and all sound", () => {
  expect(tracksWith({ tracks: ladder }, "v0")).toEqual([1, 2]);
  expect(tracksWith({ tracks: ladder }, undefined)).toEqual([1]);
});
