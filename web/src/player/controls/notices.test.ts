import { describe, expect, it } from "vitest";
import type { MeshFacts } from "../player-words.ts";
import { EN_CONTROLS as TEXTS } from "../texts/en-controls.ts";
import { noSoundNotice, noticeFor } from "./notices.ts";

const mesh: MeshFacts = {
  p2p: { isOn: true, isRelayOnly: false },
  aloneMs: 0,
  isTrackerOnline: true,
};

describe("notices in the control bar", () => {
  it("name the codec of the sound that is left out", () => {
    const ac3 = { kind: "audio", codec: "ac-3" } as const;
    expect(noSoundNotice([ac3], TEXTS)).toBe("No sound: this browser cannot play AC-3 (ac-3).");
    expect(noSoundNotice([{ kind: "video", codec: "hvc1.1" }], TEXTS)).toBeUndefined();
  });

  it("say why it plays over HTTP", () => {
    expect(noticeFor(mesh, TEXTS)).toBeUndefined();
    const off = { ...mesh, p2p: { isOn: false, reason: "no-webrtc" } } as const;
    expect(noticeFor(off, TEXTS)).toMatch(/WebRTC is not available/);
    expect(noticeFor({ ...mesh, aloneMs: 9999 }, TEXTS)).toBeUndefined();
    expect(noticeFor({ ...mesh, aloneMs: 10_000 }, TEXTS)).toMatch(/no other viewer/);
    expect(noticeFor({ ...mesh, aloneMs: 10_000, isTrackerOnline: false }, TEXTS)).toMatch(
      /tracker cannot be reached/,
    );
  });
});
