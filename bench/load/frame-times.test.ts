import { expect, it } from "vitest";
import { FrameTimes } from "./frame-times.mjs";

const PACKET_BYTES = 188;

/** One packet of the picture with this in it; `begins` says whether a picture does. */
function packet(fill: number, { begins = true, pid = 0x100 } = {}): Buffer {
  const bytes = Buffer.alloc(PACKET_BYTES, fill);
  bytes.set([0x47, (begins ? 0x40 : 0) | (pid >> 8), pid & 0xff, 0x10]);
  return bytes;
}

it("knows a picture by its end, and when those before it passed", () => {
  const frames = new FrameTimes();
  frames.push(packet(1), 10);
  frames.push(packet(2), 20);
  frames.push(packet(3, { begins: false }), 21);
  frames.push(packet(9, { pid: 0x101 }), 22);
  frames.push(packet(4), 30);
  const chunk = Buffer.concat([Buffer.alloc(100, 2), Buffer.alloc(100, 3)]);
  expect(frames.before(chunk, 0)).toBe(20);
  expect(frames.before(chunk, 1)).toBe(10);
  expect(frames.before(chunk, 2)).toBeUndefined();
  expect(frames.before(Buffer.alloc(100, 7), 0)).toBeUndefined();
});

it("takes packets cut anywhere, and nothing that is no MPEG-TS", () => {
  const frames = new FrameTimes();
  const both = Buffer.concat([packet(1), packet(2)]);
  frames.push(both.subarray(0, 100), 10);
  frames.push(both.subarray(100), 20);
  expect(frames.before(Buffer.alloc(100, 2), 1)).toBe(20);
  expect(() => frames.push(Buffer.alloc(PACKET_BYTES), 30)).toThrow("not MPEG-TS");
});
