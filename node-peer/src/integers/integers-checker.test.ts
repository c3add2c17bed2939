import { describe, expect, it } from "vitest";
import type { OrderedChunk } from "../restream/track-order.ts";
import { describeIntegers, IntegersChecker } from "./integers-checker.ts";

const GOOD = { gaps: 0, missing: 0, disorder: 0, wrong: 0, restarts: 0, leftOutAtStart: 0 };

function chunkOf(numbers: readonly number[], missing = 0): OrderedChunk {
  const view = new DataView(new ArrayBuffer(numbers.length * 4));
  numbers.forEach((number, index) => {
    view.setUint32(index * 4, number);
  });
  return chunkOfBytes(new Uint8Array(view.buffer), missing);
}

function chunkOfBytes(bytes: Uint8Array, missing = 0): OrderedChunk {
  const chunk = {
    track: 0,
    sequence: 0,
    initVersion: 0,
    isIndependent: true,
    isDiscontinuity: false,
    sourceTimeMs: 0,
    durationMs: 200,
    bytes,
  };
  return { chunk, missing };
}

function check(...chunks: OrderedChunk[]): IntegersChecker {
  const checker = new IntegersChecker();
  for (const chunk of chunks) checker.push(chunk);
  return checker;
}

describe("the checker of integers", () => {
  it("is content with consecutive ones, from wherever they begin and across their end", () => {
    const checker = check(
      chunkOf([2 ** 32 - 3, 2 ** 32 - 2]),
      chunkOf([2 ** 32 - 1, 0]),
      chunkOf([1]),
    );
    expect(checker.report).toEqual({ ...GOOD, chunks: 3, integers: 5 });
    expect(checker.isPerfect).toBe(true);
  });

  it.each([
    ["a gap", [chunkOf([1, 2]), chunkOf([5, 6], 1)], { gaps: 1, missing: 2 }],
    ["what goes back", [chunkOf([5, 6]), chunkOf([3, 4])], { disorder: 1 }],
    ["a repetition", [chunkOf([5, 6]), chunkOf([5, 6])], { disorder: 1 }],
    ["a wrong number inside", [chunkOf([1, 2, 9, 4])], { wrong: 1 }],
    ["half a number", [chunkOfBytes(new Uint8Array(6))], { wrong: 1 }],
    ["an empty chunk", [chunkOfBytes(new Uint8Array())], { wrong: 1 }],
    ["a missing chunk none of whose numbers is", [chunkOf([1]), chunkOf([2], 1)], { wrong: 1 }],
  ])("counts %s", (_, chunks, expected) => {
    const checker = check(...chunks);
    expect(checker.report).toMatchObject({ ...GOOD, ...expected });
    expect(checker.isPerfect).toBe(false);
  });

  it("says what it did not check, before the beginning", () => {
    const checker = check(chunkOf([100, 101]));
    checker.leftOut(2);
    expect(checker.isPerfect).toBe(true);
    expect(describeIntegers(checker.report)).toBe(
      "2 integers in 1 chunks: 0 gaps (0 missing), 0 out of order, 0 wrong, 2 chunks left out at the start",
    );
  });

  it("is not content with nothing", () => {
    expect(check().isPerfect).toBe(false);
  });

  it("lets a new run of the publisher begin where it likes, and says so", () => {
    const checker = check(chunkOf([100, 101]));
    checker.restart();
    checker.push(chunkOf([0, 1]));
    expect(checker.isPerfect).toBe(true);
    expect(describeIntegers(checker.report)).toBe(
      "4 integers in 2 chunks: 0 gaps (0 missing), 0 out of order, 0 wrong, begun anew 1 times",
    );
  });
});
