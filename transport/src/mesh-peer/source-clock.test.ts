import { expect, it } from "vitest";
import { TestPublisher } from "../testing/test-publisher.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { SourceClock } from "./source-clock.ts";

const publisher = new TestPublisher();
const WALL_MS = 1_700_000_000_000;

function rig(wallErrorMs = 0) {
  const clock = new VirtualClock({ nowMs: 500, wallClockMs: WALL_MS + wallErrorMs });
  const adjusted: number[] = [];
  const source = new SourceClock(clock, (offsetMs) => adjusted.push(offsetMs));
  return { clock, source, adjusted };
}

const newest = (ageMs: number) => [
  publisher.block({ sourceTimeMs: WALL_MS - ageMs - 1200 }),
  publisher.block({ sourceTimeMs: WALL_MS - ageMs - 200 }),
];

it("starts from this machine's clock", () => {
  const { source, adjusted } = rig();
  expect(source.nowMs()).toBe(WALL_MS);
  expect(adjusted).toEqual([]);
});

it("takes the tracker's word, and says so once", () => {
  const { source, adjusted } = rig();
  source.told(7000);
  source.told(7000);
  expect(source.nowMs()).toBe(7500);
  expect(adjusted).toEqual([7000]);
});

it.each([-500, 0, 10_000])("believes its own clock when the newest block is %i ms old", (ageMs) => {
  const { source } = rig();
  source.seen(newest(ageMs));
  expect(source.nowMs()).toBe(WALL_MS);
});

it.each([-501, 10_001, 3_600_000, -3_600_000])(
  "believes the stream when the newest block is %i ms old by its own clock",
  (ageMs) => {
    const { source } = rig();
    source.seen(newest(ageMs));
    expect(source.nowMs()).toBe(WALL_MS - ageMs + 400);
  },
);

it("does not let the stream overrule the tracker", () => {
  const { source } = rig(3_600_000);
  source.told(WALL_MS - 500);
  source.seen(newest(20_000));
  source.seen([]);
  expect(source.nowMs()).toBe(WALL_MS);
});
