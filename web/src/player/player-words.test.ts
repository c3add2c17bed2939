import { describe, expect, it } from "vitest";
import { codecName } from "./codec-name.ts";
import { failureOf, messageFor, noticeFor } from "./player-words.ts";

const mesh = { hasWebRtc: true, aloneMs: 0, isTrackerOnline: true };

describe("player words", () => {
  it("leave the picture alone while there is one", () => {
    for (const state of ["idle", "playing", "paused"] as const) {
      expect(messageFor(state, undefined)).toBeUndefined();
    }
  });

  it("name what is waited for", () => {
    expect(messageFor("waiting-for-stream", undefined)).toMatch(/^Waiting for the stream…/);
    expect(messageFor("offline", undefined)).toMatch(/^The broadcaster is offline/);
  });

  it("name the codec a browser cannot play", () => {
    const failure = failureOf({ code: "unsupported-codec", codec: "hvc1.1.6.L93" });
    expect(messageFor("failed", failure)).toBe(
      "This browser cannot play the stream's codec, H.265 (HEVC) (hvc1.1.6.L93).",
    );
    expect(codecName("xyz1")).toBe("xyz1");
  });

  it("pass on why the browser refused the media", () => {
    expect(failureOf({ code: "refused", cause: new Error("bad box") }).message).toMatch(/bad box$/);
    expect(failureOf({ code: "refused", cause: null }).message).toMatch(/it gave no reason\.$/);
  });

  it("say why it plays over HTTP", () => {
    expect(noticeFor(mesh)).toBeUndefined();
    expect(noticeFor({ ...mesh, hasWebRtc: false })).toMatch(/WebRTC is not available/);
    expect(noticeFor({ ...mesh, aloneMs: 9999 })).toBeUndefined();
    expect(noticeFor({ ...mesh, aloneMs: 10_000 })).toMatch(/no other viewer/);
    expect(noticeFor({ ...mesh, aloneMs: 10_000, isTrackerOnline: false })).toMatch(
      /tracker cannot be reached/,
    );
  });
});
