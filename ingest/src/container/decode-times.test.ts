import { describe, expect, it } from "vitest";
import { DecodeTimes } from "./decode-times.ts";

function decoded(...shown: number[]): number[] {
  const times = new DecodeTimes<{ ptsTicks: number }>();
  const out = shown.flatMap((ptsTicks) => times.push({ ptsTicks }));
  return [...out, ...times.flush()].map(({ dtsTicks }) => dtsTicks);
}

/** Twelve pictures are looked at; these are more. */
const IN_ORDER = Array.from({ length: 15 }, (_, i) => i * 3600);
/** I P B B P B B …: the next in order comes two later. */
const WITH_B = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11, 15, 13, 14].map((i) => i * 3600);

describe("decode times", () => {
  it("are those of showing where pictures come in order", () => {
    expect(decoded(...IN_ORDER)).toEqual(IN_ORDER);
  });

  it("rise evenly where they do not, and are never after the picture is shown", () => {
    const times = decoded(...WITH_B);
    expect(times).toEqual(WITH_B.map((_, place) => (place - 1) * 3600));
    expect(times.every((ticks, place) => ticks <= (WITH_B[place] ?? 0))).toBe(true);
  });

  it("rise whatever comes: an order that changes later, times that stand still or go back", () => {
    const times = decoded(...IN_ORDER, 20, 10, 10, 10, 5, 1_000_000, 0);
    expect(times.every((ticks, place) => place === 0 || ticks > (times[place - 1] ?? 0))).toBe(
      true,
    );
  });

  it("of a few pictures are known when nothing more comes", () => {
    expect(decoded(0, 7200, 3600)).toEqual([-3600, 0, 3600]);
    expect(decoded()).toEqual([]);
  });
});
