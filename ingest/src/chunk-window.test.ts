import { describe, expect, it } from "vitest";
import { ChunkWindow, chunkBytes, type HeldChunk } from "./chunk-window.ts";
import { createIdentity } from "./identity.ts";
import { Signer } from "./signer.ts";

const signer = new Signer(createIdentity());

function chunk(track: number, sequence: number, payloads = [Uint8Array.of(sequence)]): HeldChunk {
  const header = {
    track,
    sequence,
    initVersion: 1,
    isIndependent: true,
    durationMs: 200,
    sourceTimeMs: sequence * 200,
  };
  const rest = { count: payloads.length, initVersion: 1, isDiscontinuity: false };
  const blocks = payloads.map((payload, index) =>
    signer.block({ ...header, ...rest, index }, payload),
  );
  return { ...header, mediaTimeMs: sequence * 200, blocks };
}

describe("ChunkWindow", () => {
  it("keeps its span of media time, of all tracks, and nothing older", () => {
    const window = new ChunkWindow({ windowMs: 1000, windowBytes: 1e9 });
    for (let sequence = 0; sequence < 10; sequence++) {
      window.add(chunk(0, sequence));
      window.add(chunk(1, sequence));
    }
    for (const track of [0, 1]) {
      expect(window.chunks(track).map(({ sequence }) => sequence)).toEqual([5, 6, 7, 8, 9]);
    }
    expect(window.get(0, 4)).toBeUndefined();
    expect(window.newest(1)?.sequence).toBe(9);
    expect(window.liveEdgeMs).toBe(2000);
  });

  it("keeps within its bytes, but always the newest chunk", () => {
    const window = new ChunkWindow({ windowMs: 1e9, windowBytes: 3000 });
    for (let sequence = 0; sequence < 20; sequence++) {
      window.add(chunk(0, sequence, [new Uint8Array(500)]));
      expect(window.sizeBytes).toBeLessThanOrEqual(3000);
    }
    expect(window.chunks(0).map(({ sequence }) => sequence)).toEqual([15, 16, 17, 18, 19]);
    window.add(chunk(0, 20, [new Uint8Array(10_000)]));
    expect(window.chunks(0).map(({ sequence }) => sequence)).toEqual([20]);
  });

  it("drops a track that ended, when its time has passed", () => {
    const window = new ChunkWindow({ windowMs: 1000, windowBytes: 1e9 });
    window.add(chunk(1, 0));
    for (let sequence = 0; sequence < 10; sequence++) window.add(chunk(0, sequence));
    expect(window.chunks(1)).toEqual([]);
  });

  it("puts a chunk together again", () => {
    const held = chunk(0, 1, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
    expect([...chunkBytes(held)]).toEqual([1, 2, 3]);
  });
});
