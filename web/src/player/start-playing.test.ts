import { describe, expect, it } from "vitest";
import { startPlaying } from "./start-playing.ts";

/** A media element under an autoplay policy. */
function element(policy: { sound: boolean; muted: boolean }, muted = false) {
  return {
    muted,
    async play() {
      if (!(this.muted ? policy.muted : policy.sound)) {
        throw new DOMException("click first", "NotAllowedError");
      }
    },
  };
}

describe("startPlaying", () => {
  it("plays aloud where that is allowed", async () => {
    const video = element({ sound: true, muted: true });
    expect(await startPlaying(video)).toBe("with-sound");
    expect(video.muted).toBe(false);
  });

  it("plays muted where sound needs a click", async () => {
    const video = element({ sound: false, muted: true });
    expect(await startPlaying(video)).toBe("muted");
    expect(video.muted).toBe(true);
  });

  it("leaves the sound as it was where nothing is allowed", async () => {
    const video = element({ sound: false, muted: false });
    expect(await startPlaying(video)).toBe("refused");
    expect(video.muted).toBe(false);
  });

  it("does not take a page's own muting for the browser's", async () => {
    expect(await startPlaying(element({ sound: false, muted: true }, true))).toBe("with-sound");
  });

  it("does not take an interruption for a refusal", async () => {
    const video = {
      muted: false,
      play: () => Promise.reject(new DOMException("new source", "AbortError")),
    };
    expect(await startPlaying(video)).toBe("with-sound");
    expect(video.muted).toBe(false);
  });
});
