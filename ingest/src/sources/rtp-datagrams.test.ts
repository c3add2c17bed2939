import { expect, it } from "vitest";
import { RtpReader } from "./rtp-datagrams.ts";
import { rtpPacket } from "./testing/rtp-packet.ts";

function scene(options = { waitMs: 50, packets: 4 }) {
  const reader = new RtpReader(options);
  const values = (payloads: readonly Uint8Array[]) => payloads.map(([value]) => value);
  return {
    reader,
    push: (sequence: number, nowMs = 0) => values(reader.push(rtpPacket({ sequence }), nowMs)),
    release: (nowMs: number) => values(reader.release(nowMs)),
  };
}

it("puts packets in order, also where the count wraps around", () => {
  const { reader, push } = scene();
  expect(push(0xfffe)).toEqual([0xfe]);
  expect(push(0)).toEqual([]);
  expect(push(1)).toEqual([]);
  expect(push(0xffff)).toEqual([0xff, 0, 1]);
  expect(reader.lostCount).toBe(0);
});

it("waits for a missing packet as long as it may, and not a millisecond longer", () => {
  const { reader, push, release } = scene();
  push(1);
  expect(push(3, 100)).toEqual([]);
  expect(reader.wakeAtMs).toBe(150);
  expect(release(149)).toEqual([]);
  expect(release(150)).toEqual([3]);
  expect(reader.lostCount).toBe(1);
  expect(push(2, 151)).toEqual([]);
  expect(push(4, 151)).toEqual([4]);
});

it("holds no more packets than it may", () => {
  const { reader, push } = scene();
  push(1);
  for (const sequence of [3, 4, 5, 6]) expect(push(sequence)).toEqual([]);
  expect(push(7)).toEqual([3, 4, 5, 6, 7]);
  expect(reader.lostCount).toBe(1);
});

it("takes each packet once", () => {
  const { push } = scene();
  expect([push(1), push(1), push(3), push(3), push(2), push(2)]).toEqual([
    [1],
    [],
    [],
    [],
    [2, 3],
    [],
  ]);
});

it("begins anew where the count jumps, without a word of loss", () => {
  const { reader, push } = scene();
  push(1);
  expect(push(3)).toEqual([]);
  const lost = reader.lostCount;
  expect(push(20_000)).toEqual([3, 20_000 & 0xff]);
  expect(push(20_001)).toEqual([20_001 & 0xff]);
  expect(push(5)).toEqual([5]);
  expect(reader.lostCount - lost).toBe(1);
});
