import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRtpPacket } from "./rtp-packet.ts";

const packet = Uint8Array.from([
  ...[0xb2, 0xa1], // version 2, padding, extension, two CSRC; marker, payload type 33
  ...[0x12, 0x34], // sequence
  ...[0, 0, 0, 1], // time stamp
  ...[0, 0, 1, 2], // SSRC
  ...[9, 9, 9, 9, 8, 8, 8, 8], // CSRC
  ...[0xbe, 0xde, 0, 1, 7, 7, 7, 7], // extension of one word
  ...[0x47, 0x48, 0x49], // payload
  ...[0, 0, 3], // padding
]);

describe("an RTP packet", () => {
  it("is read with contributing sources, extension and padding", () => {
    expect(readRtpPacket(packet)).toEqual({
      sequence: 0x1234,
      ssrc: 0x102,
      payload: Uint8Array.of(0x47, 0x48, 0x49),
    });
  });

  it("is refused when it is cut within its headers", () => {
    const headersEnd = 12 + 8 + 8;
    const plain = packet.slice();
    plain[0] = 0x92;
    for (let length = 0; length < headersEnd; length++) {
      expect(readRtpPacket(plain.subarray(0, length))).toBeUndefined();
    }
    expect(readRtpPacket(plain.subarray(0, headersEnd))?.payload.length).toBe(0);
  });

  it("is refused with more padding than it is long, or none at all", () => {
    for (const padding of [0, 7, 255]) {
      const bytes = packet.slice();
      bytes[bytes.length - 1] = padding;
      expect(readRtpPacket(bytes)).toBeUndefined();
    }
  });

  it("is none of another version, and none of RTCP", () => {
    expect(readRtpPacket(Uint8Array.of(0x47, ...packet.subarray(1)))).toBeUndefined();
    expect(readRtpPacket(Uint8Array.of(0x80, 200, ...packet.subarray(2)))).toBeUndefined();
  });

  it("is never read beyond its end, whatever came", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const { payload } = readRtpPacket(bytes) ?? {};
        expect(payload?.length ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
      { seed: 1 },
    );
  });
});
