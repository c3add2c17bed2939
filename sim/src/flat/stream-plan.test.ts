import { describe, expect, it } from "vitest";
import { stripeOfBlock } from "#protocol";
import { MediaSource } from "../media-source.ts";
import { STEADY } from "../scenario.ts";
import { AUDIO_INDEX, indexOf, keyOf, StreamPlan, sequenceOf } from "./stream-plan.ts";

const PLAN = new StreamPlan({ stream: STEADY.stream, durationMs: 10_000 });

describe("the plan of a stream", () => {
  it("has the blocks that the media source publishes, in the stripes of the protocol", () => {
    const source = new MediaSource(STEADY.stream);
    for (let sequence = 0; sequence < 20; sequence++) {
      const blocks = source.publish(PLAN.publishedAtMs(sequence));
      let mask = 0;
      for (const block of blocks) {
        const index = block.track === 0 ? block.index : AUDIO_INDEX;
        const key = keyOf(sequence, index);
        mask |= 1 << index;
        expect(PLAN.blockBytes[key]).toBe(block.bytes.length);
        const stripe = block.track === 0 ? stripeOfBlock(block, 8) : 8;
        expect(PLAN.stripeOf(key)).toBe(stripe);
        expect((PLAN.maskOf(sequence, stripe) >>> index) & 1).toBe(1);
        expect(PLAN.sourceTimeMs(sequence)).toBe(block.sourceTimeMs);
      }
      expect(PLAN.chunkMask(sequence)).toBe(mask);
    }
  });

  it("numbers blocks so that chunk and place can be told from the number", () => {
    expect([sequenceOf(keyOf(77, 3)), indexOf(keyOf(77, 3))]).toEqual([77, 3]);
    expect([sequenceOf(keyOf(77, 31)), indexOf(keyOf(77, 31))]).toEqual([77, AUDIO_INDEX]);
  });

  it("has rates that add up to the stream's", () => {
    const sum = PLAN.stripeRateBps.reduce((total, bps) => total + bps, 0);
    expect(sum).toBeCloseTo(PLAN.rateBps, 3);
    expect(PLAN.rateBps / STEADY.stream.bitrateBps).toBeCloseTo(1, 1);
  });

  it("refuses chunks of more blocks than it can tell apart", () => {
    const stream = { ...STEADY.stream, bitrateBps: 40_000_000 };
    expect(() => new StreamPlan({ stream, durationMs: 1000 })).toThrow(/stream\.bitrateBps/);
  });
});
