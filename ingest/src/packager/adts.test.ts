import { describe, expect, it } from "vitest";
import { ADTS } from "./adts.ts";
import { SyncedAudioReader } from "./synced-audio-reader.ts";

/** An AAC-LC frame, stereo. @param rateIndex 3 is 48 kHz, 4 is 44.1 kHz. */
function frame(payload: number[], rateIndex = 3): number[] {
  const size = payload.length + 7;
  return [
    0xff,
    0xf1,
    0x40 | (rateIndex << 2),
    0x80,
    size >> 3,
    ((size & 7) << 5) | 31,
    0xfc,
    ...payload,
  ];
}

describe("AAC in ADTS", () => {
  it("puts together what lies across units, and says whose time stamp it is not", () => {
    const reader = new SyncedAudioReader(ADTS);
    const bytes = Uint8Array.from([...frame([1, 2, 3]), ...frame([4, 5])]);
    expect(reader.push(bytes.subarray(0, 8))).toEqual({ frames: [], isFirstCarried: false });
    const { frames, isFirstCarried } = reader.push(bytes.subarray(8));
    expect(isFirstCarried).toBe(true);
    expect(frames.map((each) => [...each.bytes])).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it("does not take coded audio that looks like a header for a change of the sample rate", () => {
    const reader = new SyncedAudioReader(ADTS);
    reader.push(Uint8Array.from(frame([1])));
    const lookAlike = frame([9, 9], 4).slice(0, 9);
    const { frames } = reader.push(Uint8Array.from([...lookAlike, 0, 0, ...frame([2])]));
    expect(frames.map(({ coding }) => coding.sampleRateHz)).toEqual([48_000]);
  });

  it("believes a change of the sample rate that goes on", () => {
    const reader = new SyncedAudioReader(ADTS);
    reader.push(Uint8Array.from(frame([1])));
    const { frames } = reader.push(Uint8Array.from([...frame([2], 4), ...frame([3], 4)]));
    expect(frames.map(({ coding }) => coding.sampleRateHz)).toEqual([44_100, 44_100]);
  });
});
