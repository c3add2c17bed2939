import { expect, it } from "vitest";
import type { MeshChunk } from "#mesh";
import { FirstChunks } from "./first-chunks.ts";

function chunk(sequence: number): MeshChunk {
  return {
    track: 0,
    sequence,
    initVersion: 0,
    isIndependent: true,
    isDiscontinuity: false,
    sourceTimeMs: sequence * 200,
    durationMs: 200,
    bytes: new Uint8Array(),
  };
}

function begin(sequences: readonly number[], playheadMs: number) {
  const first = new FirstChunks();
  for (const sequence of sequences) first.push(chunk(sequence));
  const begun = first.tick(playheadMs).map(({ sequence }) => sequence);
  return { begun, leftOut: first.leftOutCount, hasBegun: first.hasBegun };
}

it("begins when the playhead reaches the first chunk, and not a moment before", () => {
  expect(begin([10, 11], 1999)).toEqual({ begun: [], leftOut: 0, hasBegun: false });
  expect(begin([10, 11], 2000)).toEqual({ begun: [10, 11], leftOut: 0, hasBegun: true });
  expect(begin([], 2000)).toEqual({ begun: [], leftOut: 0, hasBegun: false });
});

it("of a run that ends before the playhead is there begins with what came by then", () => {
  const first = new FirstChunks();
  for (const sequence of [14, 10, 13]) first.push(chunk(sequence));
  expect(first.tick(1999)).toEqual([]);
  expect(first.begin().map(({ sequence }) => sequence)).toEqual([13, 14]);
  expect(first.leftOutCount).toBe(1);
});

it("begins behind the last hole of those that came before, and says what it left out", () => {
  expect(begin([14, 10, 13, 11], 2000)).toEqual({ begun: [13, 14], leftOut: 2, hasBegun: true });
});
