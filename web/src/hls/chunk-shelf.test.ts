import { describe, expect, it } from "vitest";
import { ChunkShelf } from "./chunk-shelf.ts";

const chunk = (sequence: number, sizeBytes = 10) => ({
  track: 0,
  sequence,
  sourceTimeMs: 1000 + sequence * 200,
  durationMs: 200,
  bytes: new Uint8Array(sizeBytes),
});

describe("chunks kept for an HLS player", () => {
  it("names what of a segment is missing", () => {
    const shelf = new ChunkShelf();
    for (const sequence of [5, 6, 8]) shelf.add(chunk(sequence));
    expect(shelf.missing(0, 5, 9)).toEqual([7, 9]);
    expect(shelf.missing(1, 5, 6)).toEqual([5, 6]);
  });

  it("tells when a chunk was made or will be, and whether it is past", () => {
    const shelf = new ChunkShelf();
    expect(shelf.estimate(0, 5)).toBeUndefined();
    for (const sequence of [5, 8]) shelf.add(chunk(sequence));
    expect(shelf.estimate(0, 10)).toEqual({ sourceTimeMs: 3000, isPast: false });
    expect(shelf.estimate(0, 6)).toEqual({ sourceTimeMs: 2200, isPast: false });
    expect(shelf.estimate(0, 3)).toEqual({ sourceTimeMs: 1600, isPast: true });
  });

  it("forgets what is twenty seconds old, and the oldest where it is too much", () => {
    const shelf = new ChunkShelf();
    for (let sequence = 0; sequence <= 101; sequence++) shelf.add(chunk(sequence));
    expect(shelf.missing(0, 0, 2)).toEqual([0]);
    for (let sequence = 102; sequence < 106; sequence++) shelf.add(chunk(sequence, 20 << 20));
    expect(shelf.get(0, 102)).toBeUndefined();
    expect(shelf.get(0, 105)).toBeDefined();
  });
});
