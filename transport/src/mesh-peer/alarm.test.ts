import { expect, it } from "vitest";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Alarm } from "./alarm.ts";

function rig() {
  const clock = new VirtualClock();
  const rung: number[] = [];
  const alarm = new Alarm(clock, () => rung.push(clock.nowMs()));
  return { clock, rung, alarm };
}

it("rings when it is due, and not a millisecond before", async () => {
  const { clock, rung, alarm } = rig();
  alarm.set(100);
  await clock.advance(99);
  expect(rung).toEqual([]);
  await clock.advance(1);
  expect(rung).toEqual([100]);
  await clock.advance(1000);
  expect(rung).toEqual([100]);
});

it("rings at the last deadline set, be it earlier or later than the one before", async () => {
  const { clock, rung, alarm } = rig();
  alarm.set(100);
  alarm.set(50);
  await clock.advance(50);
  expect(rung).toEqual([50]);
  alarm.set(100);
  alarm.set(200);
  await clock.advance(149);
  expect(rung).toEqual([50]);
  await clock.advance(1);
  expect(rung).toEqual([50, 200]);
});

it("never rings before a deadline with a fraction, or one that is infinite, or when cleared", async () => {
  const { clock, rung, alarm } = rig();
  alarm.set(10.4);
  await clock.advance(10);
  expect(rung).toEqual([]);
  await clock.advance(1);
  expect(rung).toEqual([11]);
  alarm.set(20);
  alarm.set(Number.POSITIVE_INFINITY);
  await clock.advance(100);
  alarm.set(150);
  alarm.clear();
  await clock.advance(100);
  expect(rung).toEqual([11]);
});

it("rings soon for a deadline that has passed", async () => {
  const { clock, rung, alarm } = rig();
  await clock.advance(100);
  alarm.set(40);
  await clock.advance(0);
  expect(rung).toEqual([100]);
});
