import { describe, expect, it } from "vitest";
import { readChunk } from "#media";
import { ChunkCutter, type EncodedFrame } from "./chunk-cutter.ts";

const frame = (index: number, isKeyFrame = false, everyUs = 40_000): EncodedFrame => ({
  bytes: new Uint8Array([index]),
  timestampUs: index * everyUs,
  durationUs: everyUs,
  isKeyFrame,
});
const cutter = () => new ChunkCutter({ timescale: 90_000, chunkMs: 200 });

describe("a track cut as it comes", () => {
  it("ends a chunk with the first frame after its length, and not one earlier", () => {
    const cut = cutter();
    for (let i = 0; i < 5; i++) expect(cut.add(frame(i, i === 0))).toBeUndefined();
    const chunk = cut.add(frame(5));
    expect(chunk).toMatchObject({ sequence: 0, isIndependent: true, durationMs: 200 });
    const { samples, decodeTimeTicks } = readChunk(chunk?.bytes ?? new Uint8Array());
    expect(decodeTimeTicks).toBe(0);
    expect(samples.map(({ durationTicks }) => durationTicks)).toEqual(Array(5).fill(3600));
    expect(samples.map(({ isKeyFrame }) => isKeyFrame)).toEqual([true, ...Array(4).fill(false)]);
  });

  it("begins a chunk with a key frame, however short the one before is", () => {
    const cut = cutter();
    for (let i = 0; i <= 6; i++) cut.add(frame(i, i === 0));
    expect(cut.add(frame(7, true))).toMatchObject({ isIndependent: false, durationMs: 80 });
  });

  it("waits for a key frame, and goes on where the chunk before ended", () => {
    const cut = cutter();
    expect(cut.add(frame(0))).toBeUndefined();
    const chunks = Array.from({ length: 20 }, (_, i) => cut.add(frame(i + 1, i === 0, 33_333)));
    const made = chunks.flatMap((chunk) => (chunk === undefined ? [] : [chunk]));
    expect(made.map(({ sequence }) => sequence)).toEqual([0, 1]);
    const [first, second] = made.map(({ bytes }) => readChunk(bytes));
    const lengthTicks = first?.samples.reduce((sum, each) => sum + each.durationTicks, 0) ?? 0;
    expect(second?.decodeTimeTicks).toBe((first?.decodeTimeTicks ?? 0) + lengthTicks);
  });

  it("leaves out frames that run backwards", () => {
    const cut = cutter();
    cut.add(frame(3, true));
    expect(cut.add(frame(2))).toBeUndefined();
    for (let i = 4; i < 8; i++) cut.add(frame(i));
    const { samples } = readChunk(cut.add(frame(8))?.bytes ?? new Uint8Array());
    expect(samples.map(({ bytes }) => bytes[0])).toEqual([3, 4, 5, 6, 7]);
  });
});
