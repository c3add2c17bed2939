import { expect, it } from "vitest";
import { testChunk } from "../testing/test-chunk.ts";
import { RecentChunks } from "./recent-chunks.ts";

it("keeps six seconds of chunks, whichever track runs ahead", () => {
  const recent = new RecentChunks();
  for (let sequence = 0; sequence < 100; sequence++) recent.add(testChunk(sequence));
  recent.add(testChunk(70, { track: 1, sourceTimeMs: 14_000 }));
  expect(recent.all[0]?.sourceTimeMs).toBe(99 * 200 - 6000);
  expect(recent.all.at(-1)?.track).toBe(1);
});

it("keeps a bounded number of chunks whose times stand still", () => {
  const recent = new RecentChunks();
  for (let sequence = 0; sequence < 1000; sequence++) {
    recent.add(testChunk(sequence, { sourceTimeMs: 0 }));
  }
  expect(recent.all).toHaveLength(80);
  expect(recent.all.at(-1)?.sequence).toBe(999);
});

it("has none after being cleared", () => {
  const recent = new RecentChunks();
  recent.add(testChunk(1));
  recent.clear();
  expect(recent.all).toEqual([]);
});
