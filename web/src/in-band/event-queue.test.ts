import { describe, expect, it } from "vitest";
import { MediaError, SCTE35_SCHEME, writeEventMessage } from "#media";
import { EventQueue } from "./event-queue.ts";

function event(id: number, timeSec: number): Uint8Array {
  return writeEventMessage({
    scheme: SCTE35_SCHEME,
    value: "",
    id,
    timescale: 90_000,
    timeTicks: timeSec * 90_000,
    durationTicks: 90_000,
    data: Uint8Array.of(0xfc, id),
  });
}

function chunk(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat([...parts, Buffer.from("000000086d6f6f66", "hex")]));
}

describe("events in the media", () => {
  it("are told when the playhead is there, and not before", () => {
    const queue = new EventQueue();
    queue.push(chunk(event(1, 5), event(2, 4)));
    expect(queue.take(3999)).toEqual([]);
    expect(queue.take(4000)).toEqual([
      {
        scheme: SCTE35_SCHEME,
        value: "",
        id: 2,
        mediaTimeMs: 4000,
        durationMs: 1000,
        data: Uint8Array.of(0xfc, 2),
      },
    ]);
    expect(queue.take(6000).map(({ id }) => id)).toEqual([1]);
    expect(queue.take(9000)).toEqual([]);
  });

  it("are told once, however often their chunk comes", () => {
    const queue = new EventQueue();
    queue.push(chunk(event(1, 5)));
    expect(queue.take(5000)).toHaveLength(1);
    queue.push(chunk(event(1, 5)));
    expect(queue.take(6000)).toEqual([]);
  });

  it("are not told when a jump went far over them", () => {
    const queue = new EventQueue();
    queue.push(chunk(event(1, 5)));
    expect(queue.take(60_000)).toEqual([]);
  });

  it("are no more than a hundred at a time, and nothing but events", () => {
    const queue = new EventQueue();
    for (let id = 0; id < 500; id++) queue.push(chunk(event(id, 5)));
    expect(queue.take(5000)).toHaveLength(100);
    queue.push(chunk());
    expect(() => queue.push(event(1, 5).subarray(0, 20))).toThrow(MediaError);
  });
});
