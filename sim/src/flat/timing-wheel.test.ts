import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import { TimingWheel } from "./timing-wheel.ts";

function drained(wheel: TimingWheel, untilMs: number): [number, number][] {
  const events: [number, number][] = [];
  while (wheel.pop(untilMs)) events.push([wheel.nowMs, wheel.a]);
  return events;
}

describe("the timing wheel", () => {
  it("gives events in order of time, and those of one tick in the order they came", () => {
    const wheel = new TimingWheel();
    wheel.push(2, 1, 0, 0);
    wheel.push(1, 2, 0, 0);
    wheel.push(2, 3, 0, 0);
    expect(drained(wheel, 10)).toEqual([
      [1, 2],
      [2, 1],
      [2, 3],
    ]);
  });

  it("holds back what is due later, and not a tick longer", () => {
    const wheel = new TimingWheel();
    wheel.push(5, 1, 0, 0);
    expect(drained(wheel, 5 - 1 / 32)).toEqual([]);
    expect(drained(wheel, 5)).toEqual([[5, 1]]);
  });

  it("takes events for the present tick while it is being worked off", () => {
    const wheel = new TimingWheel();
    wheel.push(1, 1, 0, 0);
    expect(wheel.pop(1)).toBe(true);
    wheel.push(1, 2, 0, 0);
    wheel.push(0, 3, 0, 0);
    expect(drained(wheel, 1)).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });

  it("keeps what is due after more than a turn for its time", () => {
    const wheel = new TimingWheel();
    const turnMs = 2 ** 19 / 32;
    wheel.push(3, 1, 0, 0);
    wheel.push(3 + turnMs, 2, 0, 0);
    wheel.push(3, 3, 0, 0);
    expect(drained(wheel, 10)).toEqual([
      [3, 1],
      [3, 3],
    ]);
    expect(drained(wheel, 4 + turnMs)).toEqual([[3 + turnMs, 2]]);
  });

  it("loses nothing and confuses nothing among a hundred thousand events", () => {
    const wheel = new TimingWheel();
    const random = seededRandom(3);
    let lastMs = 0;
    let popped = 0;
    for (let i = 0; i < 1000; i++) wheel.push(100 * random(), i, 0, 0);
    while (wheel.pop(1_000_000)) {
      expect(wheel.nowMs).toBeGreaterThanOrEqual(lastMs);
      lastMs = wheel.nowMs;
      if (++popped <= 99_000) wheel.push(lastMs + 100 * random() ** 8, popped, 0, 0);
    }
    expect(popped).toBe(100_000);
    expect(wheel.size).toBe(0);
  });
});
