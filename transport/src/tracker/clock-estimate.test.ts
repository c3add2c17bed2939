import { expect, it } from "vitest";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { ClockEstimate } from "./clock-estimate.ts";
import { ClockSampler } from "./clock-sampler.ts";

it("knows nothing before the first sample", () => {
  expect(new ClockEstimate().offsetMs).toBeUndefined();
});

it("takes the middle of the round trip as the moment the server looked at its clock", () => {
  const estimate = new ClockEstimate();
  estimate.add({ askedAtMs: 100, answeredAtMs: 140, serverTimeMs: 5000 });
  expect(estimate.offsetMs).toBe(5000 - 120);
  expect(estimate.errorMs).toBe(20);
});

it("believes the sample with the least round trip, whichever came last", () => {
  const estimate = new ClockEstimate();
  estimate.add({ askedAtMs: 0, answeredAtMs: 300, serverTimeMs: 1000 });
  estimate.add({ askedAtMs: 400, answeredAtMs: 410, serverTimeMs: 1405 });
  estimate.add({ askedAtMs: 500, answeredAtMs: 700, serverTimeMs: 1700 });
  expect(estimate.offsetMs).toBe(1000);
});

it("forgets the best sample when eight newer ones have come", () => {
  const estimate = new ClockEstimate();
  estimate.add({ askedAtMs: 0, answeredAtMs: 2, serverTimeMs: 1001 });
  const slow = { askedAtMs: 0, answeredAtMs: 20, serverTimeMs: 2010 };
  for (let i = 0; i < 7; i++) estimate.add(slow);
  expect(estimate.offsetMs).toBe(1000);
  estimate.add(slow);
  expect(estimate.offsetMs).toBe(2000);
});

it("asks four times soon after the start, then every 30 s, and not after the stop", async () => {
  const clock = new VirtualClock();
  const askedAtMs: number[] = [];
  const sampler = new ClockSampler({
    clock,
    ask: async () => {
      askedAtMs.push(clock.nowMs());
      return 5000 + clock.nowMs();
    },
    onOffset: () => {},
  });
  sampler.start();
  await clock.advance(61_000);
  expect(askedAtMs).toEqual([250, 500, 750, 1000, 31_000, 61_000]);
  expect(sampler.offsetMs).toBe(5000);
  sampler.stop();
  await clock.advance(100_000);
  expect(askedAtMs).toHaveLength(6);
});

it("does not use an answer that came after the stop", async () => {
  const clock = new VirtualClock();
  const offsets: number[] = [];
  let answer: (timeMs: number) => void = () => {};
  const sampler = new ClockSampler({
    clock,
    ask: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
    onOffset: (offsetMs) => offsets.push(offsetMs),
  });
  sampler.start();
  await clock.advance(250);
  sampler.stop();
  answer(9000);
  await clock.advance(0);
  expect(offsets).toEqual([]);
});
