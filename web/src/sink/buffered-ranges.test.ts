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
    expect(afterHoleMs(ranges, 2959, false)).toBeUndefined();
    expect(afterHoleMs(ranges, 2960, false)).toBe(3500);
    expect(afterHoleMs(ranges, 3200, false)).toBe(3500);
    expect(afterHoleMs(ranges, 3465, false)).toBe(3500);
    expect(afterHoleMs(ranges, 3990, false)).toBeUndefined();
    expect(afterHoleMs(ranges, 0, false)).toBe(1000);
  });

  // Chromium stood for ever 118 ms and 380 ms before a hole: too few frames left to go on with.
  it("say it earlier for playback that ran dry", () => {
    const ranges = [
      { startMs: 1000, endMs: 3000 },
      { startMs: 3500, endMs: 4000 },
    ];
    expect(afterHoleMs(ranges, 2882, true)).toBe(3500);
    expect(afterHoleMs(ranges, 2620, true)).toBe(3500);
    expect(afterHoleMs(ranges, 2000, true)).toBeUndefined();
    expect(afterHoleMs(ranges, 3600, true)).toBeUndefined();
  });
});

describe("startPositionMs", () => {
  const start = (wantedMs: number, ...ranges: [number, number][]) =>
    startPositionMs({
      ranges: ranges.map(([startMs, endMs]) => ({ startMs, endMs })),
      wantedMs,
      minForwardMs: 400,
      goodForwardMs: 600,
    });

  it("waits until there is enough to begin with", () => {
    expect(start(5000)).toBeUndefined();
    expect(start(5000, [5000, 5399])).toBeUndefined();
    expect(start(5000, [5000, 5400])).toBe(5000);
  });

  it("begins at the wanted time, or at the start of the media", () => {
    expect(start(5200, [5000, 6000])).toBe(5200);
    expect(start(4000, [5000, 6000])).toBe(5000);
  });

  it("begins earlier where the media does not reach far enough", () => {
    expect(start(5401, [5000, 6000])).toBe(5400);
    expect(start(9000, [5000, 6000])).toBe(5400);
    expect(start(9000, [5000, 5500])).toBe(5000);
  });

  it("begins in the newest media, not before a hole", () => {
    expect(start(1500, [1000, 2000], [5000, 6000])).toBe(5000);
    expect(start(1500, [1000, 2000], [5000, 5100])).toBeUndefined();
  });
});

// A seek into 16 ms of media never ended, and a tab stood for 20 s.
it("passes over scraps that a decoder cannot begin with", () => {
  const ranges = [
    { startMs: 2040, endMs: 3112 },
    { startMs: 3304, endMs: 3320 },
    { startMs: 4040, endMs: 5680 },
  ];
  expect(afterHoleMs(ranges, 3100, true)).toBe(4040);
});
