import { describe, expect, it } from "vitest";
import type { MeshChunk } from "#mesh";
import { TrackOrder } from "./track-order.ts";

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

const brief = (ordered: ReturnType<TrackOrder["push"]>) =>
  ordered.map(({ chunk: { sequence }, missing }) => [sequence, missing]);

describe("the order of a track", () => {
  it("is that of the sequence, whatever the order of arrival", () => {
    const order = new TrackOrder();
    expect(brief(order.push(chunk(5)))).toEqual([[5, 0]]);
    expect(brief(order.push(chunk(8)))).toEqual([]);
    expect(brief(order.push(chunk(7)))).toEqual([]);
    expect(brief(order.push(chunk(6)))).toEqual([
      [6, 0],
      [7, 0],
      [8, 0],
    ]);
  });

  it("gives a hole up when what lies behind it is due, and not before", () => {
    const order = new TrackOrder();
    order.push(chunk(1));
    order.push(chunk(4));
    order.push(chunk(5));
    expect(brief(order.skipTo(799))).toEqual([]);
    expect(brief(order.skipTo(800))).toEqual([
      [4, 2],
      [5, 0],
    ]);
  });

  it("begins with the first to arrive, and leaves out what comes too late", () => {
    const order = new TrackOrder();
    order.push(chunk(3));
    expect(order.push(chunk(2))).toEqual([]);
    expect(order.push(chunk(3))).toEqual([]);
    expect(brief(order.push(chunk(4)))).toEqual([[4, 0]]);
  });

  it("keeps a bounded number of chunks behind a hole", () => {
    const order = new TrackOrder();
    order.push(chunk(0));
    const ready = Array.from({ length: 513 }, (_, index) => order.push(chunk(index + 2))).flat();
    expect(ready.length).toBe(513);
    expect(ready[0]?.missing).toBe(1);
  });
});
