import { describe, expect, it } from "vitest";
import { DryWatch, type PlaybackSample } from "./dry-watch.ts";

const playing: PlaybackSample = {
  nowMs: 0,
  playheadMs: 0,
  forwardBufferMs: 700,
  readyState: 4,
  isHeld: false,
};

describe("DryWatch", () => {
  it("believes an element that says it is out of media", () => {
    const watch = new DryWatch();
    expect(watch.isDry(playing)).toBe(false);
    expect(watch.isDry({ ...playing, readyState: 2 })).toBe(true);
  });

  // Chromium plays on with sound alone for up to three seconds.
  it("does not believe one that plays without a picture", () => {
    expect(new DryWatch().isDry({ ...playing, forwardBufferMs: 0 })).toBe(true);
  });

  // Chromium stood 118 ms before a hole with readyState 3, for ever.
  it("notices a playhead that stands for half a second", () => {
    const watch = new DryWatch();
    watch.isDry({ ...playing, nowMs: 1000, playheadMs: 40 });
    expect(watch.isDry({ ...playing, nowMs: 1499, playheadMs: 40 })).toBe(false);
    expect(watch.isDry({ ...playing, nowMs: 1500, playheadMs: 40 })).toBe(true);
    expect(watch.isDry({ ...playing, nowMs: 1510, playheadMs: 41 })).toBe(false);
  });

  it("does not take a pause or a seek for standing, nor the moment after it", () => {
    const watch = new DryWatch();
    watch.isDry({ ...playing, nowMs: 1000 });
    expect(watch.isDry({ ...playing, nowMs: 9000, isHeld: true, forwardBufferMs: 0 })).toBe(false);
    expect(watch.isDry({ ...playing, nowMs: 9499 })).toBe(false);
    expect(watch.isDry({ ...playing, nowMs: 9500 })).toBe(true);
  });
});
