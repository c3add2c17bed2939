import { describe, expect, it } from "vitest";
import { avcCoding, readChunk, readInitSegment } from "#media";
import type { PackagedChunk, PackagedTrack } from "../packager.ts";
import type { VideoFrame } from "./frames.ts";
import { type PictureTimes, VideoTrack } from "./video-track.ts";

/** x264, High profile, 640×360. */
const SPS = hex("6764001eacd940a02ff97011000003000100000300320f162d96");
const PPS = hex("68ebe3cb22c0");

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "hex"));
}

function picture(part: Partial<VideoFrame> = {}): VideoFrame {
  const nothing = { isKeyFrame: false, isOpen: false, coding: undefined };
  return { bytes: new Uint8Array(100), ...nothing, ...part };
}
const KEY = picture({ isKeyFrame: true, coding: avcCoding(SPS, [PPS]) });

function pack(pictures: readonly (readonly [VideoFrame, PictureTimes])[]) {
  const tracks: PackagedTrack[] = [];
  const chunks: PackagedChunk[] = [];
  let leading = 0;
  const track = new VideoTrack({
    chunkMs: 200,
    onTrack: (each) => tracks.push(each),
    onChunk: (each) => chunks.push(each),
    onLeadingPicture: () => leading++,
  });
  for (const [unit, times] of pictures) track.push(unit, times, (mediaTimeMs) => mediaTimeMs);
  track.flush();
  const samples = chunks.flatMap((chunk) => {
    let dts = readChunk(chunk.bytes).decodeTimeTicks;
    return readChunk(chunk.bytes).samples.map(({ durationTicks, compositionOffsetTicks }) => {
      const times = { dts, durationTicks, pts: dts + compositionOffsetTicks };
      dts += durationTicks;
      return times;
    });
  });
  return { tracks, chunks, samples, leading };
}

const at = (dts: number, nextDts?: number, pts = dts): PictureTimes => ({ dts, pts, nextDts });

describe("VideoTrack", () => {
  // Encoders that state the length of a unit end it before the next is known; at any rate but 25
  // frames a second each picture made a chunk of its own, overlapping the next.
  it("keeps the pace of pictures whose successor is not known yet", () => {
    const pictures = Array.from(
      { length: 30 },
      (_, i) => [i === 0 ? KEY : picture(), at(i * 3000)] as const,
    );
    const { chunks, samples } = pack(pictures);
    expect(chunks.map(({ durationMs }) => durationMs)).toEqual([200, 200, 200, 200, 200]);
    expect(samples.every(({ pts }, i) => pts === i * 3000)).toBe(true);
    expect(samples.slice(2).every(({ durationTicks }) => durationTicks === 3000)).toBe(true);
  });

  // MediaSource drops everything up to the next key frame after a hole of more than two frames.
  it("has no hole in decode time where pictures were lost, and shows the others when they are due", () => {
    const { samples } = pack([
      [KEY, at(0, 3600)],
      [picture(), at(3600, 7200)],
      [picture(), at(28_800, 32_400, 36_000)],
      [picture(), at(32_400, 36_000, 32_400)],
    ]);
    expect(samples).toEqual([
      { dts: 0, durationTicks: 3600, pts: 0 },
      { dts: 3600, durationTicks: 3600, pts: 3600 },
      { dts: 7200, durationTicks: 25_200, pts: 36_000 },
      { dts: 32_400, durationTicks: 3600, pts: 32_400 },
    ]);
  });

  it("leaves a hole of more than five seconds as it is", () => {
    const { samples } = pack([
      [KEY, at(0, 3600)],
      [KEY, at(3600 + 450_000, 3600 + 453_600)],
      [KEY, at(7200 + 900_001, 10_800 + 900_001)],
    ]);
    expect(samples.map(({ dts }) => dts)).toEqual([0, 3600, 907_201]);
  });

  // Chromium ends playback with a decode error when it begins at a picture that has no reference.
  it("leaves out pictures that need the GOP before an open key frame, as viewers may begin there", () => {
    const open = picture({ isKeyFrame: true, isOpen: true });
    const { leading, samples } = pack([
      [KEY, at(0, 3600, 3600)],
      [open, at(3600, 7200, 14_400)],
      [picture(), at(7200, 10_800, 7200)],
      [picture(), at(10_800, 14_400, 10_800)],
      [picture(), at(14_400, 18_000, 18_000)],
    ]);
    expect(leading).toBe(2);
    expect(samples.map(({ pts }) => pts)).toEqual([3600, 14_400, 18_000]);
    expect(samples.map(({ dts }) => dts)).toEqual([0, 3600, 7200]);
  });

  it("makes a new init segment when the coding changes, and only then", () => {
    const other = picture({ isKeyFrame: true, coding: avcCoding(SPS, [PPS, hex("684bf2")]) });
    const same = picture({ isKeyFrame: true, coding: avcCoding(SPS, [PPS]) });
    const { tracks, chunks } = pack([
      [KEY, at(0, 3600)],
      [same, at(3600, 7200)],
      [other, at(7200, 10_800)],
    ]);
    expect(tracks.map(({ initVersion }) => initVersion)).toEqual([0, 1]);
    expect(chunks.map(({ initVersion }) => initVersion)).toEqual([0, 0, 1]);
    expect(readInitSegment(tracks[0]?.initSegment ?? hex(""))).toMatchObject({
      width: 640,
      height: 360,
    });
  });

  it("cuts early rather than make a chunk that does not fit the wire", () => {
    const big = picture({ bytes: new Uint8Array(5_000_000) });
    const { chunks } = pack([
      [KEY, at(0, 3600)],
      [big, at(3600, 7200)],
      [big, at(7200, 10_800)],
      [big, at(10_800, 14_400)],
    ]);
    expect(chunks.map(({ bytes }) => Math.floor(bytes.length / 1e6))).toEqual([5, 5, 5]);
  });
});
