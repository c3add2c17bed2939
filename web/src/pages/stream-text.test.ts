import { describe, expect, it } from "vitest";
import type { ApiStream, ApiTrack, StreamId } from "#protocol";
import { hueOf, mediaText, summaryText, titleText, viewersText } from "./stream-text.ts";

const stream = (changes: Partial<ApiStream> = {}): ApiStream => ({
  id: "abcdefghijklmnopqrstuvwxyz234567" as StreamId,
  title: "Harbor",
  live: true,
  watchUrl: "/watch/abcdefghijklmnopqrstuvwxyz234567",
  tracks: [
    { id: "v0", kind: "video", codec: "avc1.64001e", bitrateBps: 1e6, width: 640, height: 360 },
    { id: "a0", kind: "audio", codec: "mp4a.40.2", bitrateBps: 96_000 },
  ],
  viewers: 3,
  startedAt: "2026-01-01T00:00:00.000Z",
  ...changes,
});

describe("what pages say of a stream", () => {
  it("counts viewers in words", () => {
    expect([0, 1, 2].map(viewersText)).toEqual(["0 viewers", "1 viewer", "2 viewers"]);
  });

  it("names size and codecs, as far as they are known", () => {
    expect(mediaText(stream())).toBe("640×360, H.264 and AAC");
    expect(mediaText(stream({ tracks: stream().tracks.slice(1) }))).toBe("AAC");
    expect(mediaText(stream({ tracks: [] }))).toBe("");
  });

  it("names the sizes of several renditions, best first, and each codec once", () => {
    const [picture, sound] = stream().tracks as [ApiTrack, ApiTrack];
    const small = { ...picture, id: "v2", width: 320, height: 180 };
    const large = { ...picture, id: "v0", width: 1280, height: 720 };
    const tracks = [sound, small, picture, large];
    expect(mediaText({ tracks })).toBe("720p, 360p and 180p, H.264 and AAC");
  });

  it("finds a name for a stream without a title", () => {
    expect(titleText(stream())).toBe("Harbor");
    expect(titleText(stream({ title: " " }))).toBe("Stream abcdefgh");
  });

  it("sums up the list", () => {
    expect(summaryText([])).toBe("");
    expect(summaryText([stream(), stream({ live: false, viewers: 0 })])).toBe(
      "1 on air, 3 viewers",
    );
  });

  it("gives every stream its color", () => {
    expect(hueOf("abc")).toBe(hueOf("abc"));
    expect(hueOf("abc")).not.toBe(hueOf("abd"));
    expect(hueOf("z".repeat(32))).toBeLessThan(360);
  });
});
