import { expect, it } from "vitest";
import { testTrack } from "../testing/test-media.ts";
import { renditionList } from "./rendition-list.ts";

const audio = testTrack({ id: "a0", kind: "audio", codec: "mp4a.40.2", bitrateBps: 128_000 });
const picture = (id: string, bitrateBps: number, width: number, height: number) =>
  testTrack({ id, bitrateBps, width, height });

it("names pictures by their lines, best first, and the sound alone last", () => {
  const tracks = [audio, picture("v1", 700_000, 640, 360), picture("v0", 2_500_000, 1280, 720)];
  expect(renditionList({ tracks })).toEqual([
    { id: "v0", kind: "video", label: "720p", width: 1280, height: 720, bandwidth: 2_628_000 },
    { id: "v1", kind: "video", label: "360p", width: 640, height: 360, bandwidth: 828_000 },
    { id: "a0", kind: "audio", label: "Audio only", width: null, height: null, bandwidth: 128_000 },
  ]);
});

it("tells pictures of one size apart by their rate, and knows upright ones", () => {
  const tracks = [picture("v0", 4_000_000, 720, 1280), picture("v1", 2_000_000, 1280, 720)];
  const labels = renditionList({ tracks }).map(({ label }) => label);
  expect(labels).toEqual(["720p 4.0 Mbit/s", "720p 2.0 Mbit/s"]);
});

it("does not invent what is not known yet", () => {
  const [first] = renditionList({ tracks: [testTrack(), audio] });
  expect(first).toMatchObject({ label: "v0", width: null, height: null, bandwidth: 0 });
});
