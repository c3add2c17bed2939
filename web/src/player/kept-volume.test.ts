import { describe, expect, it } from "vitest";
import { keepVolume } from "./kept-volume.ts";

class FakeVideo extends EventTarget {
  volume = 1;

  change(volume: number): void {
    this.volume = volume;
    this.dispatchEvent(new Event("volumechange"));
  }
}

function visit(items: Map<string, string>): FakeVideo {
  const video = new FakeVideo();
  keepVolume(video, () => ({
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
  }));
  return video;
}

describe("keepVolume", () => {
  it("sets on the next visit what was chosen on this one", () => {
    const items = new Map<string, string>();
    expect(visit(items).volume).toBe(1);
    visit(items).change(0.25);
    expect(visit(items).volume).toBe(0.25);
  });

  it.each(["", "loud", "1.5", "-1"])("ignores what is no volume: %s", (text) => {
    expect(visit(new Map([["livemesh-volume", text]])).volume).toBe(1);
  });

  it("does without storage where it is blocked", () => {
    const video = new FakeVideo();
    keepVolume(video, () => {
      throw new DOMException("blocked", "SecurityError");
    });
    video.change(0.5);
    expect(video.volume).toBe(0.5);
  });
});
