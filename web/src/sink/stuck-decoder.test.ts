import { describe, expect, it } from "vitest";
import { nudgePositionMs } from "./stuck-decoder.ts";

const stuck = { standingMs: 500, playheadMs: 62_040, forwardMs: 3472, liveMs: 64_500 };

describe("a decoder that stands with media ahead", () => {
  it("is sought to live, where it should be by now", () => {
    expect(nudgePositionMs(stuck)).toBe(64_500);
  });

  it("is sought a little further when it is near live, or nobody knows", () => {
    expect(nudgePositionMs({ ...stuck, liveMs: 62_000 })).toBe(62_090);
    expect(nudgePositionMs({ ...stuck, liveMs: undefined })).toBe(62_090);
  });

  it("is left alone for half a second, and as long as it waits for media", () => {
    expect(nudgePositionMs({ ...stuck, standingMs: 499 })).toBeUndefined();
    expect(nudgePositionMs({ ...stuck, forwardMs: 499 })).toBeUndefined();
  });
});
