import { describe, expect, it } from "vitest";
import { timeRanges } from "../testing/time-ranges.ts";
import {
  afterHoleMs,
  bufferedRanges,
  forwardBufferMs,
  startPositionMs,
} from "./buffered-ranges.ts";

describe("buffered ranges", () => {
  it("are joined where only rounding is between them", () => {
    expect(bufferedRanges(timeRanges([1, 2], [2.02, 3], [3.5, 4]))).toEqual([
      { startMs: 1000, endMs: 3000 },
      { startMs: 3500, endMs: 4000 },
    ]);
    expect(bufferedRanges(timeRanges())).toEqual([]);
  });

  it("give the forward buffer up to the next hole", () => {
    const ranges = [
      { startMs: 1000, endMs: 3000 },
      { startMs: 3500, endMs: 4000 },
    ];
    expect(forwardBufferMs(ranges, 970)).toBe(0);
    expect(forwardBufferMs(ranges, 980)).toBe(2020);
    expect(forwardBufferMs(ranges, 2900)).toBe(100);
    expect(forwardBufferMs(ranges, 3000)).toBe(0);
    expect(forwardBufferMs(ranges, 3600)).toBe(400);
  });

  it("say where to go on when a hole is 40 ms ahead, and not before", () => {
    const ranges = [
      { startMs: 1000, endMs: 3000 },
      { startMs: 3500, endMs: 4000 },
    ];
    expect(afterHoleMs(ranges, 2959)).toBeUndefined();
    expect(afterHoleMs(ranges, 2960)).toBe(3500);
    expect(afterHoleMs(ranges, 3200)).toBe(3500);
    expect(afterHoleMs(ranges, 3990)).toBeUndefined();
    expect(afterHoleMs(ranges, 0)).toBe(1000);
  });
});

describe("startPositionMs", () => {
  const start = (wantedMs: number, ...ranges: [number, number][]) =>
    startPositionMs({
      ranges: ranges.map(([startMs, endMs]) => ({ startMs, endMs })),
      wantedMs,
      forwardBufferMinMs: 400,
    });

  it("waits until there is enough to begin with", () => {
    expect(start(5000)).toBeUndefined();
    expect(start(5000, [5000, 5399])).toBeUndefined();
    expect(start(5000, [5000, 5400])).toBe(5000);
  });

  it("begins at the wanted time, at the start of the media, or with the least buffer", () => {
    expect(start(5200, [5000, 6000])).toBe(5200);
    expect(start(4000, [5000, 6000])).toBe(5000);
    expect(start(5900, [5000, 6000])).toBe(5600);
  });

  it("begins in the newest media, not before a hole", () => {
    expect(start(1500, [1000, 2000], [5000, 6000])).toBe(5000);
    expect(start(1500, [1000, 2000], [5000, 5100])).toBeUndefined();
  });
});
