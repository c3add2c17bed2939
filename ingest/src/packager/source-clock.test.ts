import { describe, expect, it } from "vitest";
import { SourceClock } from "./source-clock.ts";

describe("SourceClock", () => {
  it("takes the least delay as none, and counts what came later as late", () => {
    const clock = new SourceClock();
    clock.note(1_000_100, 0);
    expect(clock.sourceTimeMs("video", 0)).toBe(1_000_100);
    clock.note(1_000_240, 200);
    expect(clock.sourceTimeMs("video", 200)).toBe(1_000_240);
    clock.note(1_000_900, 400);
    expect(clock.sourceTimeMs("video", 400)).toBe(1_000_440);
  });

  // Audio is sent after the video of its time, and came out as young as that: up to 260 ms too young.
  it("does not let one track make the other younger, and falls in neither", () => {
    const clock = new SourceClock();
    clock.note(1_000_000, 0);
    expect(clock.sourceTimeMs("video", 400)).toBe(1_000_400);
    expect(clock.sourceTimeMs("audio", 100)).toBe(1_000_100);
    clock.note(1_000_150, 300);
    expect(clock.sourceTimeMs("video", 440)).toBe(1_000_400);
    expect(clock.sourceTimeMs("audio", 300)).toBe(1_000_150);
  });

  it("forgets a least delay after 15 to 30 seconds, so that it follows a drifting clock", () => {
    const clock = new SourceClock();
    clock.note(0, 0);
    for (let ms = 1000; ms < 45_000; ms += 1000) clock.note(ms + 50, ms);
    expect(clock.sourceTimeMs("video", 44_000)).toBe(44_050);
  });
});
