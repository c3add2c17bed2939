import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aacCodingOf,
  av1Coding,
  av1Sample,
  captionPairs,
  captionsIn,
  hevcCodecString,
  hevcCoding,
  isSameCoding,
  MediaError,
  mp3Coding,
  opusCoding,
  opusCodingOf,
  opusPacketSamples,
  readAc3Frame,
  readInitSegment,
  seiMessages,
  vp9Coding,
  writeInitSegment,
} from "../index.ts";

function bytesOf(hex: string): Uint8Array {
  const digits = hex.replaceAll(" ", "").match(/../g) ?? [];
  return Uint8Array.from(digits, (byte) => Number.parseInt(byte, 16));
}

/** A key frame of libvpx, 320×180, profile 0: only its header. */
const VP9_KEY = bytesOf("82 49 83 42 00 13 f0 0b 30");

describe("codings", () => {
  it("VP9 is told from a key frame", () => {
    const coding = vp9Coding(VP9_KEY);
    expect(coding).toMatchObject({ codec: "vp09.00.11.08", width: 320, height: 180 });
    const init = writeInitSegment({ timescale: 90_000, ...coding });
    expect(readInitSegment(init)).toMatchObject({ codec: "vp09.00.11.08", width: 320 });
  });

  it("VP9 between key frames tells nothing", () => {
    expect(() => vp9Coding(bytesOf("86 00 40 92 9c"))).toThrow(MediaError);
  });

  it.each([
    ["Main, level 3.1", "01 60 00 00 00 b0 00 00 00 00 00 5d", "hvc1.1.6.L93.B0"],
    ["Main 10, high tier", "22 20 00 00 00 90 00 00 00 00 00 99", "hvc1.2.4.H153.90"],
    ["a profile space, no constraints", "81 60 00 00 00 00 00 00 00 00 00 1e", "hvc1.B1.6.L30"],
  ])("HEVC has its profile in the codec string: %s", (_, profile, codec) => {
    expect(hevcCodecString(bytesOf(profile))).toBe(codec);
  });

  it.each([
    ["20 ms, CELT, one frame", "f8 ff fe", 960],
    ["60 ms, SILK", "18 00", 2880],
    ["two frames of 10 ms, hybrid", "61 00", 960],
    ["three frames of 2.5 ms", "e3 03", 360],
    ["more than 120 ms is none", "fb 3f", 0],
    ["nothing", "", 0],
  ])("Opus packets last as long as their first byte says: %s", (_, packet, samples) => {
    expect(opusPacketSamples(bytesOf(packet))).toBe(samples);
  });

  it("Opus keeps what its header says", () => {
    const head = bytesOf("4f 70 75 73 48 65 61 64 01 02 38 01 44 ac 00 00 00 00 00");
    const { config, channels } = opusCodingOf(head);
    expect(channels).toBe(2);
    // Version, channels, pre-skip 312, 44,100 Hz, gain, family; big-endian.
    expect(config.subarray(8)).toEqual(bytesOf("00 02 01 38 00 00 ac 44 00 00 00"));
  });

  it("AAC keeps its configuration, with more channels if they come out of it", () => {
    const parametricStereo = bytesOf("13 10"); // AAC-LC core, 24 kHz, mono
    expect(aacCodingOf(parametricStereo, 2)).toMatchObject({
      codec: "mp4a.40.2",
      sampleRateHz: 24_000,
      channels: 2,
    });
  });

  it("are the same only if nothing a decoder needs differs", () => {
    const stereo = mp3Coding({ sampleRateHz: 48_000, channels: 2 });
    expect(isSameCoding(stereo, mp3Coding({ sampleRateHz: 48_000, channels: 2 }))).toBe(true);
    expect(isSameCoding(stereo, mp3Coding({ sampleRateHz: 48_000, channels: 1 }))).toBe(false);
    expect(isSameCoding(stereo, undefined)).toBe(false);
    expect(isSameCoding(opusCoding({ channels: 1 }), opusCoding({ channels: 2 }))).toBe(false);
  });

  it("made of noise are refused or read, and never anything else", () => {
    const readers: ((noise: Uint8Array) => unknown)[] = [
      vp9Coding,
      av1Coding,
      av1Sample,
      (noise) => av1Coding(Uint8Array.of(0x0a, noise.length, ...noise)),
      (noise) => vp9Coding(Uint8Array.of(0x82, 0x49, 0x83, 0x42, ...noise)),
      (noise) => hevcCoding({ vps: noise, sps: Uint8Array.of(0x42, 1, ...noise), pps: [noise] }),
      aacCodingOf,
      opusCodingOf,
      readAc3Frame,
      (noise) => readAc3Frame(Uint8Array.of(0x0b, 0x77, ...noise)),
      (noise) => [...seiMessages(noise)].map(captionsIn),
      (noise) => [...captionPairs(noise)],
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...readers), (noise, read) => {
        try {
          read(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
