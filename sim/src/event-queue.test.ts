import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventQueue } from "./event-queue.ts";

function drain<T>(queue: EventQueue<T>): T[] {
  const items: T[] = [];
  while (queue.size > 0) items.push(queue.pop());
  return items;
}

describe("EventQueue", () => {
  it("gives out events by time, those of one time in the order they came", () => {
    const times = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 });
    fc.assert(
      fc.property(times, (atMs) => {
        const queue = new EventQueue<[number, number]>();
        atMs.forEach((time, i) => {
          queue.push(time, [time, i]);
        });
        const expected = atMs
          .map((time, i) => [time, i])
          .sort((a, b) => Number(a[0]) - Number(b[0]));
        expect(drain(queue)).toEqual(expected);
      }),
    );
  });

  it("keeps the order when events come while others go", () => {
    const queue = new EventQueue<string>();
    queue.push(1, "a");
    queue.push(3, "d");
    expect(queue.pop()).toBe("a");
    queue.push(2, "b");
    queue.push(3, "e");
    queue.push(2, "c");
    expect(drain(queue).join("")).toBe("bcde");
  });

  it("grows beyond its first size", () => {
    const queue = new EventQueue<number>();
    for (let i = 5000; i > 0; i--) queue.push(i, i);
    expect(drain(queue)).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
  });

  it("has nothing next when it is empty", () => {
    const queue = new EventQueue<number>();
    expect(queue.nextAtMs).toBe(Number.POSITIVE_INFINITY);
    expect(() => queue.pop()).toThrow("needs an event");
  });
});
