import { expect, it } from "vitest";
import { parseLadder } from "./ladder.ts";

it("reads sizes, best first, with usual bit rates where none are named", () => {
  expect(parseLadder("360p, 1080p,720p:2800k,audio")).toEqual({
    video: [
      { lines: 1080, bitrateBps: 5_000_000 },
      { lines: 720, bitrateBps: 2_800_000 },
      { lines: 360, bitrateBps: 700_000 },
    ],
    audioBps: 128_000,
  });
});

it("passes the sound on as it is where it is not named, and the picture where only the sound is", () => {
  expect(parseLadder("720p")?.audioBps).toBeUndefined();
  expect(parseLadder("audio:96k")).toEqual({ video: [], audioBps: 96_000 });
});

it("takes bit rates in k and M", () => {
  expect(parseLadder("600p:1.5M")?.video).toEqual([{ lines: 600, bitrateBps: 1_500_000 }]);
});

it("encodes nothing for copy", () => {
  expect(parseLadder("copy")).toBeUndefined();
});

it.each([
  ["", '"" is neither a size as 720p nor audio'],
  ["720", '"720" is neither a size as 720p nor audio'],
  ["720p,copy", '"copy" is neither a size as 720p nor audio'],
  ["720p,720p:2M", "720p is named twice"],
  ["audio,audio", "audio is named twice"],
  ["88p:100k", "88p is not an even number of lines from 90 to 4320"],
  ["481p:100k", "481p is not an even number of lines from 90 to 4320"],
  ["600p", "600p has no usual bit rate: name one, as in 600p:1500k"],
  ["720p:fast", "720p:fast is not a bit rate from 50k to 100000k, as in 2500k"],
  ["720p:49k", "720p:49k is not a bit rate from 50k to 100000k, as in 2500k"],
  ["audio:999k", "audio:999k is not a bit rate from 16k to 512k, as in 2500k"],
  ["2160p,1440p,1080p,720p,540p,480p,360p", "7 sizes, up to 6 can be"],
])("refuses %j, and says what is needed", (text, why) => {
  expect(() => parseLadder(text)).toThrow(
    new RangeError(`${why}; a list as 1080p,720p:2500k,360p,audio is needed, or copy`),
  );
});
