import { describe, expect, it } from "vitest";
import { MediaTimeline } from "./media-timeline.ts";

function timeline(...starts: [mediaTimeMs: number, sourceTimeMs: number][]): MediaTimeline {
  const result = new MediaTimeline();
  for (const [mediaTimeMs, sourceTimeMs] of starts) {
    result.add({ mediaTimeMs, sourceTimeMs, durationMs: 200 });
  }
  return result;
}

describe("MediaTimeline", () => {
  it("knows nothing before the first chunk", () => {
    expect(timeline().sourceTimeMs(0)).toBeUndefined();
    expect(timeline().mediaTimeMs(0)).toBeUndefined();
    expect(timeline().edgeMs).toBeUndefined();
  });

  it("counts on within the newest chunk and beyond it", () => {
    const time = timeline([1000, 50_000]);
    expect(time.sourceTimeMs(1000)).toBe(50_000);
    expect(time.sourceTimeMs(1150)).toBe(50_150);
    expect(time.sourceTimeMs(1500)).toBe(50_500);
    expect(time.sourceTimeMs(999)).toBeUndefined();
    expect(time.edgeMs).toBe(1200);
  });

  it("spreads an encoder's jitter evenly over the chunk", () => {
    const time = timeline([0, 10_000], [200, 10_260], [400, 10_400]);
    expect(time.sourceTimeMs(100)).toBe(10_130);
    expect(time.sourceTimeMs(300)).toBe(10_330);
    expect(time.mediaTimeMs(10_330)).toBe(300);
  });

  it("does not spread the encoder's absence over the chunk before it", () => {
    const time = timeline([0, 10_000], [200, 40_000]);
    expect(time.sourceTimeMs(100)).toBe(10_100);
    expect(time.sourceTimeMs(200)).toBe(40_000);
    expect(time.mediaTimeMs(30_000)).toBe(200);
  });

  it("counts source times before and after what it knows from the ends", () => {
    const time = timeline([1000, 50_000], [1200, 50_200]);
    expect(time.mediaTimeMs(49_900)).toBe(900);
    expect(time.mediaTimeMs(51_200)).toBe(2200);
  });

  it("ignores a chunk that goes back in time", () => {
    const time = timeline([1000, 50_000], [800, 60_000]);
    expect(time.sourceTimeMs(900)).toBeUndefined();
    expect(time.edgeMs).toBe(1200);
  });

  it("forgets the oldest chunks", () => {
    const starts = Array.from({ length: 400 }, (_, i): [number, number] => [i * 200, i * 200]);
    const time = timeline(...starts);
    expect(time.sourceTimeMs(99 * 200)).toBeUndefined();
    expect(time.sourceTimeMs(100 * 200)).toBe(100 * 200);
  });
});
