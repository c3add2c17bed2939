import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aacCoding,
  avcCoding,
  type ChunkContent,
  MediaError,
  parseSps,
  readChunk,
  readDecodeTimeTicks,
  readInitSegment,
  writeChunk,
  writeInitSegment,
} from "./index.ts";

/** x264, High profile, level 3.0, 640×360: as an encoder sent it. */
const SPS = bytesOf(
  "67 64 00 1e ac d9 40 a0 2f f9 70 11 00 00 03 00 01 00 00 03 00 32 0f 16 2d 96",
);
const PPS = bytesOf("68 eb e3 cb 22 c0");

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16));
}

const sample = fc.record({
  bytes: fc.uint8Array({ minLength: 1, maxLength: 50 }),
  durationTicks: fc.constantFrom(3600, 3003, 1024),
  compositionOffsetTicks: fc.integer({ min: -20_000, max: 20_000 }),
  isKeyFrame: fc.boolean(),
});
const content: fc.Arbitrary<ChunkContent> = fc.record({
  sequence: fc.nat(2 ** 32 - 1),
  decodeTimeTicks: fc.nat(Number.MAX_SAFE_INTEGER),
  samples: fc.array(sample, { minLength: 1, maxLength: 20 }),
});

describe("chunks", () => {
  it("come back as they were written, whatever the frames are like", () => {
    fc.assert(
      fc.property(content, (written) => {
        expect(readChunk(writeChunk(written))).toEqual(written);
      }),
    );
  });

  it("are written byte for byte as ISO/IEC 14496-12 lays them out", () => {
    const bytes = writeChunk({
      sequence: 7,
      decodeTimeTicks: 2 ** 32 + 1,
      samples: [
        {
          bytes: Uint8Array.of(0xaa, 0xbb),
          durationTicks: 3600,
          compositionOffsetTicks: 0,
          isKeyFrame: true,
        },
        {
          bytes: Uint8Array.of(0xcc),
          durationTicks: 3600,
          compositionOffsetTicks: -1,
          isKeyFrame: false,
        },
      ],
    });
    const golden = [
      "00 00 00 74 6d 6f 6f 66", // moof, 116 bytes
      "00 00 00 10 6d 66 68 64 00 00 00 00 00 00 00 07", // mfhd: sequence 7
      "00 00 00 5c 74 72 61 66", // traf, 92 bytes
      "00 00 00 18 74 66 68 64 00 02 00 28 00 00 00 01 00 00 0e 10 01 01 00 00", // tfhd: 3600, not a key
      "00 00 00 14 74 66 64 74 01 00 00 00 00 00 00 01 00 00 00 01", // tfdt, 64 bits
      "00 00 00 28 74 72 75 6e 01 00 0a 05", // trun v1: offset, first flags, sizes, compositions
      "00 00 00 02 00 00 00 7c 02 00 00 00", // two samples, data at 124, the first a key
      "00 00 00 02 00 00 00 00", // 2 bytes, composition 0
      "00 00 00 01 ff ff ff ff", // 1 byte, composition -1
      "00 00 00 0b 6d 64 61 74 aa bb cc", // mdat
    ];
    expect(hexOf(bytes)).toBe(golden.join(" "));
  });

  it("tell their decode time without being read whole", () => {
    const samples = [
      { bytes: Uint8Array.of(1), durationTicks: 1, compositionOffsetTicks: 0, isKeyFrame: true },
    ];
    const bytes = writeChunk({ sequence: 1, decodeTimeTicks: 2 ** 40, samples });
    expect(readDecodeTimeTicks(bytes)).toBe(2 ** 40);
  });

  it("are refused with a MediaError when cut short anywhere", () => {
    const samples = [
      { bytes: new Uint8Array(9), durationTicks: 5, compositionOffsetTicks: 3, isKeyFrame: true },
    ];
    const bytes = writeChunk({ sequence: 1, decodeTimeTicks: 5, samples });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readChunk(bytes.subarray(0, length)), `cut at ${length}`).toThrow(MediaError);
    }
  });

  it("never make the reader fail in another way, whatever byte is changed", () => {
    const samples = [
      { bytes: new Uint8Array(9), durationTicks: 5, compositionOffsetTicks: 3, isKeyFrame: true },
    ];
    const bytes = writeChunk({ sequence: 1, decodeTimeTicks: 5, samples });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const broken = bytes.slice();
        broken[at] = value;
        try {
          readChunk(broken);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
    );
  });
});

describe("init segments", () => {
  it("of H.264 say codec, size and timescale", () => {
    const bytes = writeInitSegment({ timescale: 90_000, ...avcCoding(SPS, [PPS]) });
    expect(readInitSegment(bytes)).toEqual({
      kind: "video",
      codec: "avc1.64001e",
      timescale: 90_000,
      width: 640,
      height: 360,
    });
  });

  it.each([
    [48_000, 2],
    [44_100, 1],
    [96_000, 2],
    [24_000, 6],
  ])("of AAC at %i Hz with %i channels say so", (sampleRateHz, channels) => {
    const coding = aacCoding({ sampleRateHz, channels, objectType: 2 });
    const config = { timescale: sampleRateHz, ...coding };
    expect(readInitSegment(writeInitSegment(config))).toEqual({
      kind: "audio",
      codec: "mp4a.40.2",
      timescale: sampleRateHz,
      sampleRateHz,
      channels,
    });
  });

  it("are refused with a MediaError when cut short or made of noise", () => {
    const bytes = writeInitSegment({ timescale: 90_000, ...avcCoding(SPS, [PPS]) });
    for (let length = 0; length < bytes.length - 100; length++) {
      expect(() => readInitSegment(bytes.subarray(0, length)), `cut at ${length}`).toThrow(
        MediaError,
      );
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => readInitSegment(noise)).toThrow(MediaError);
      }),
    );
  });
});

describe("sequence parameter sets", () => {
  it("tell profile, level and the cropped size", () => {
    expect(parseSps(SPS)).toEqual({
      profile: 100,
      compatibility: 0,
      level: 30,
      chromaFormat: 1,
      bitDepthLuma: 8,
      bitDepthChroma: 8,
      width: 640,
      height: 360,
    });
  });

  it("cut short or made of noise are refused or read, and never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        try {
          parseSps(Uint8Array.of(0x67, ...noise));
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
    );
  });
});

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
