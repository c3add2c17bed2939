import { describe, expect, it } from "vitest";
import { averageCount, gini, Histogram, NEVER_MS, quantile, ViewerRecord } from "./measure.ts";
import type { SimBlock } from "./media-source.ts";

describe("Histogram", () => {
  it("has quantiles, mean and a cumulative curve", () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 100; ms++) histogram.add(ms);
    expect(histogram.quantile(0.5)).toBe(50);
    expect(histogram.quantile(0.95)).toBe(95);
    expect(histogram.mean).toBe(50.5);
    expect(histogram.curve([0, 25, 100, 500])).toEqual([0, 0.25, 1, 1]);
  });

  it("counts what is beyond its range as its end", () => {
    const histogram = new Histogram();
    histogram.add(1e9);
    expect(histogram.quantile(1)).toBe(20_000);
  });
});

describe("ViewerRecord", () => {
  it("starts with the first independent chunk, and tells a second delivery", () => {
    const record = new ViewerRecord(1000, 2, 10, 10);
    expect(record.delivered(0, 3, false, 400, 1500)).toBe(true);
    expect(record.startupMs).toBeUndefined();
    expect(record.delivered(0, 5, true, 300, 1800)).toBe(true);
    expect(record.delivered(0, 5, true, 900, 2400)).toBe(false);
    expect([record.startupMs, record.firstSequence]).toEqual([800, 5]);
    expect([...(record.ageMs[0] ?? [])].slice(3, 6)).toEqual([400, NEVER_MS, 300]);
  });

  it("takes each block once", () => {
    const record = new ViewerRecord(0, 2, 10, 10);
    const block = { serial: 4 } as SimBlock;
    expect([record.took(block), record.took(block)]).toEqual([true, false]);
  });
});

describe("quantile and Gini index", () => {
  it("are those of the textbook", () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([], 0.5)).toBeNaN();
    expect(gini([1, 1, 1, 1])).toBe(0);
    expect(gini([0, 0, 0, 1])).toBeCloseTo(0.75, 6);
  });
});

it("the average count weighs each by its time in the span", () => {
  const stays = [
    [0, 100],
    [50, Number.POSITIVE_INFINITY],
    [90, 95],
  ] as const;
  expect(averageCount(stays, [50, 100])).toBeCloseTo(2.1, 6);
});
