import { describe, expect, it } from "vitest";
import type { Block } from "#protocol";
import { assembleChunk, BlockStore } from "./block-store.ts";
import { testBlocks } from "./testing/index.ts";

const chunk = (sequence: number, sizeBytes = 30_000) =>
  testBlocks({ track: 0, sequence, sourceTimeMs: sequence * 200, sizeBytes });

function addAll(store: BlockStore, blocks: Block[]): void {
  for (const block of blocks) store.add(block);
}

describe("BlockStore", () => {
  it("completes a chunk with its last block, in whatever order blocks come", () => {
    const store = new BlockStore(10_000);
    const [first, second] = chunk(5);
    if (first === undefined || second === undefined) throw new Error("two blocks expected");
    expect(store.add(second)).toBe("added");
    expect(store.add(second)).toBe("duplicate");
    expect(store.add(first)).toBe("completed");
  });

  it("gives the chunk back as the bytes it was cut from", () => {
    const store = new BlockStore(10_000);
    for (const block of chunk(5)) store.add(block);
    const stored = store.chunk(0, 5);
    if (stored === undefined) throw new Error("the chunk was added");
    expect(assembleChunk(stored)).toMatchObject({ sequence: 5, sourceTimeMs: 1000 });
    expect(assembleChunk(stored).bytes).toEqual(new Uint8Array(30_000).fill(5));
  });

  it("keeps the window and not one chunk more", () => {
    const store = new BlockStore(1000);
    for (let sequence = 0; sequence <= 6; sequence++) addAll(store, chunk(sequence));
    expect(store.chunk(0, 0)).toBeUndefined();
    expect(store.chunk(0, 1)).toBeDefined();
  });

  it("refuses a block older than the window", () => {
    const store = new BlockStore(1000);
    addAll(store, chunk(20));
    expect(chunk(14).map((block) => store.add(block))).toEqual(["stale", "stale"]);
    expect(chunk(15).map((block) => store.add(block))).toEqual(["added", "completed"]);
  });

  it("bounds the number of chunks even when their times stand still", () => {
    const store = new BlockStore(10_000);
    for (let sequence = 0; sequence < 3000; sequence++) {
      addAll(store, testBlocks({ track: 0, sequence, sourceTimeMs: 0, sizeBytes: 100 }));
    }
    expect([...store.chunks()].length).toBeLessThanOrEqual(1024);
  });

  it("keeps the first of two versions of a block, and of a chunk, that are both signed", () => {
    const store = new BlockStore(10_000);
    const [first, second] = chunk(5);
    const [other, ...rest] = chunk(5, 60_000);
    if (first === undefined || second === undefined || other === undefined) throw new Error("?");
    store.add(first);
    expect(store.add({ ...first, bytes: new Uint8Array(9) })).toBe("duplicate");
    expect([other, ...rest].map((block) => store.add(block))).not.toContain("added");
    expect(store.add(second)).toBe("completed");
    expect(store.chunk(0, 5)?.blocks).toEqual([first, second]);
  });

  it("bounds bytes and counts them right", () => {
    const store = new BlockStore(1_000_000);
    for (let sequence = 0; sequence < 100; sequence++) {
      addAll(store, chunk(sequence, 1_000_000));
    }
    expect(store.bytes).toBeLessThanOrEqual(51 * 1024 * 1024);
    const held = [...store.chunks()].flatMap((stored) => stored.blocks);
    expect(held.reduce((sum, block) => sum + (block?.bytes.length ?? 0), 0)).toBe(store.bytes);
  });
});
