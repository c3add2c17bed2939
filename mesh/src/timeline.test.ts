import { beforeEach, describe, expect, it } from "vitest";
import { BlockStore } from "./block-store.ts";
import type { MeshContext } from "./context.ts";
import { Timeline } from "./timeline.ts";

let context: Pick<MeshContext, "nowMs" | "sourceOffsetMs" | "store">;
let timeline: Timeline;
beforeEach(() => {
  context = {
    store: new BlockStore(10_000),
    nowMs: 1000,
    sourceOffsetMs: 50_000,
  };
  timeline = new Timeline(context);
});

describe("a deadline", () => {
  it("is when the playhead gets there", () => {
    timeline.setPlayhead(50_000);
    expect(timeline.deadlineMs(50_700)).toBe(1700);
    context.nowMs = 1250;
    timeline.setPlayhead(50_240);
    expect(timeline.deadlineMs(50_700)).toBe(1710);
  });

  // It used to move away with the clock, so a stalled viewer asked nobody for what it lacked.
  it("passes although the playhead stands", () => {
    timeline.setPlayhead(50_000);
    for (let i = 0; i < 40; i++) {
      context.nowMs += 250;
      timeline.setPlayhead(50_000);
    }
    expect(timeline.deadlineMs(50_700)).toBe(1700);
  });

  it("follows from the age of a chunk while nothing is on screen", () => {
    expect(timeline.deadlineMs(51_000)).toBe(3500);
    timeline.setPlayhead(50_000);
    timeline.setPlayhead(undefined);
    expect(timeline.deadlineMs(51_000)).toBe(3500);
  });
});
