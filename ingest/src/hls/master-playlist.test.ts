import { expect, it } from "vitest";
import { type Rendition, writeMasterPlaylist } from "./master-playlist.ts";
import { problemsOfMaster } from "./testing/check-master.ts";

function rendition(id: string, averageBps: number, height?: number): Rendition {
  const size = height === undefined ? {} : { height, width: Math.round((height * 16) / 9) };
  const kind = height === undefined ? "audio" : "video";
  const codec = kind === "audio" ? "mp4a.40.2" : "avc1.64001f";
  const rest = { stripes: 1, initVersion: 0, init: "" };
  const sound = kind === "audio" ? { channels: 2 } : {};
  return {
    track: { id, kind, codec, bitrateBps: averageBps, ...size, ...sound, ...rest },
    averageBps,
    peakBps: 1.2 * averageBps,
    framesPerSecond: undefined,
  };
}

const uris = (text: string) =>
  text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

it("offers all renditions with one sound, the modest one first and the sound alone last", () => {
  const text = writeMasterPlaylist([
    rendition("v0", 5_000_000, 1080),
    rendition("a0", 128_000),
    rendition("v1", 2_500_000, 720),
    rendition("v2", 700_000, 360),
  ]);
  expect(problemsOfMaster(text)).toEqual([]);
  expect(uris(text)).toEqual(["v2", "v0", "v1", "a0"].map((id) => `${id}/playlist.m3u8`));
  expect(text).toContain(
    '#EXT-X-STREAM-INF:BANDWIDTH=6768961,AVERAGE-BANDWIDTH=5640800,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1920x1080,AUDIO="audio"',
  );
  expect(text.match(/TYPE=AUDIO/g)).toHaveLength(1);
});

it("offers one picture only with its sound", () => {
  const text = writeMasterPlaylist([rendition("v0", 2_500_000, 720), rendition("a0", 128_000)]);
  expect(uris(text)).toEqual(["v0/playlist.m3u8"]);
});
