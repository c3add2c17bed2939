import { describe, expect, it } from "vitest";
import { ImaginedPlayhead } from "./imagined-playhead.ts";

describe("the imagined playhead", () => {
  it("begins further behind, and is where it should be after ten calm seconds", () => {
    const playhead = new ImaginedPlayhead(1000);
    playhead.tick(0, false, 0);
    playhead.tick(5000, false, 0);
    expect(playhead.lagMs).toBe(2500);
    playhead.tick(6000, true, 0);
    expect(playhead.lagMs).toBe(2350);
    playhead.tick(15_000, true, 0);
    expect(playhead.lagMs).toBe(1000);
  });

  it("falls back when something was missed, but not without end", () => {
    const playhead = new ImaginedPlayhead(1000);
    playhead.tick(0, true, 0);
    playhead.tick(20_000, true, 0);
    playhead.tick(20_250, true, 1);
    expect(playhead.lagMs).toBe(1500);
    for (let missed = 2; missed < 20; missed++) playhead.tick(20_250, true, missed);
    expect(playhead.lagMs).toBe(3500);
  });
});
