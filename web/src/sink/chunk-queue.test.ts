import { describe, expect, it } from "vitest";
import { testChunk } from "../testing/test-chunk.ts";
import { ChunkQueue } from "./chunk-queue.ts";

function queueOf(...sequences: number[]): ChunkQueue {
  const queue = new ChunkQueue();
  for (const sequence of sequences) queue.push(testChunk(sequence));
  return queue;
}

function taken(queue: ChunkQueue, nowMs = 0, forwardBufferMs = 1000): number[] {
  return queue.take(nowMs, forwardBufferMs).map(({ sequence }) => sequence);
}

describe("ChunkQueue", () => {
  it("starts at the oldest independent chunk it has", () => {
    expect(taken(queueOf(12, 13, 14))).toEqual([]);
    expect(taken(queueOf(13, 15, 14, 16, 20))).toEqual([15, 16]);
  });

  it("gives every chunk once, in order, however they came", () => {
    const queue = queueOf(12, 10, 11);
    expect(taken(queue)).toEqual([10, 11, 12]);
    queue.push(testChunk(11));
    expect(taken(queue)).toEqual([]);
    queue.push(testChunk(14));
    expect(taken(queue)).toEqual([]);
    queue.push(testChunk(13));
    expect(taken(queue)).toEqual([13, 14]);
  });

  describe("with a chunk missing", () => {
    const withGap = () => {
      const queue = queueOf(10, 11, 13, 14, 15, 16);
      expect(taken(queue, 1000)).toEqual([10, 11]);
      return queue;
    };

    it("waits while there is something to play", () => {
      const queue = withGap();
      expect(taken(queue, 5999, 121)).toEqual([]);
      queue.push(testChunk(12));
      expect(taken(queue, 5999, 121)).toEqual([12, 13, 14, 15, 16]);
      expect(queue.skippedMs).toBe(0);
    });

    it("goes on at the next independent chunk when the buffer ran down and patience with it", () => {
      const queue = withGap();
      expect(taken(queue, 1299, 120)).toEqual([]);
      expect(taken(queue, 1300, 121)).toEqual([]);
      expect(taken(queue, 1300, 120)).toEqual([15, 16]);
      expect(queue.skippedMs).toBe(600);
    });

    it("gives up in the end even if nobody is watching", () => {
      const queue = withGap();
      expect(taken(queue, 5999, 60_000)).toEqual([]);
      expect(taken(queue, 6000, 60_000)).toEqual([15, 16]);
    });

    it("still takes the missing chunk while there is no independent one to go on at", () => {
      const queue = queueOf(10, 12, 13);
      expect(taken(queue, 0, 0)).toEqual([10]);
      expect(taken(queue, 9000, 0)).toEqual([]);
      queue.push(testChunk(11));
      expect(taken(queue, 9001, 0)).toEqual([11, 12, 13]);
    });

    it("loses no more than the missing chunk where every chunk is independent", () => {
      const queue = new ChunkQueue();
      for (const sequence of [3, 5, 6]) queue.push(testChunk(sequence, { isIndependent: true }));
      expect(taken(queue, 0, 0)).toEqual([3]);
      expect(taken(queue, 300, 0)).toEqual([5, 6]);
      expect(queue.skippedMs).toBe(200);
    });

    it("does not take a restarted publisher's new numbers for lost media", () => {
      const queue = queueOf(10);
      taken(queue);
      queue.push(testChunk(1_000_000));
      taken(queue, 0, 0);
      expect(taken(queue, 300, 0)).toEqual([1_000_000]);
      expect(queue.skippedMs).toBe(0);
    });

    it("is patient anew with the next gap", () => {
      const queue = withGap();
      taken(queue, 1300, 0);
      queue.push(testChunk(20));
      expect(taken(queue, 2000, 0)).toEqual([]);
      expect(taken(queue, 2299, 0)).toEqual([]);
      expect(taken(queue, 2300, 0)).toEqual([20]);
    });
  });

  it("holds a bounded number of chunks, the newest", () => {
    const queue = queueOf(0);
    taken(queue);
    for (let sequence = 2; sequence < 200; sequence++) queue.push(testChunk(sequence));
    taken(queue, 0, 0);
    expect(taken(queue, 300, 0)).toEqual(Array.from({ length: 100 }, (_, i) => 100 + i));
  });
});
