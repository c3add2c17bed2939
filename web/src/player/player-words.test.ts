import { describe, expect, it } from "vitest";
import { codecName } from "./codec-name.ts";
import { failureOf, failureWords, messageFor, soundOnlyMessage } from "./player-words.ts";
import { EN_PICTURE as TEXTS } from "./texts/en-picture.ts";

describe("player words", () => {
  it("leave the picture alone while there is one", () => {
    for (const state of ["idle", "playing", "paused"] as const) {
      expect(messageFor(state, undefined, TEXTS)).toBeUndefined();
    }
  });

  it("name what is waited for", () => {
    const words = (state: "waiting-for-stream" | "offline" | "ended") =>
      messageFor(state, undefined, TEXTS);
    expect(words("waiting-for-stream")).toMatch(/^Waiting for the stream…/);
    expect(words("offline")).toMatch(/^The broadcaster is offline/);
    expect(words("ended")).toBe("The stream has ended.");
  });

  it("name the codec a browser cannot play", () => {
    const failure = failureOf({ code: "unsupported-codec", codec: "hvc1.1.6.L93" });
    expect(messageFor("failed", failure, TEXTS)).toBe(
      "This browser cannot play the stream's codec, H.265 (HEVC) (hvc1.1.6.L93).",
    );
    expect(codecName("xyz1")).toBe("xyz1");
  });

  it("name the codec of the picture that is left out", () => {
    const hevc = { kind: "video", codec: "hvc1.1.6.L93.B0" } as const;
    const ac3 = { kind: "audio", codec: "ac-3" } as const;
    expect(soundOnlyMessage([hevc], TEXTS)).toBe(
      "Sound only: this browser cannot show H.265 (HEVC) (hvc1.1.6.L93.B0) video.",
    );
    expect(soundOnlyMessage([ac3], TEXTS)).toBeUndefined();
  });

  it("pass on why the browser refused the media", () => {
    const words = (cause: unknown) => failureWords(failureOf({ code: "refused", cause }), TEXTS);
    expect(words(new Error("bad box"))).toMatch(/bad box$/);
    expect(words(null)).toMatch(/it gave no reason\.$/);
  });
});
