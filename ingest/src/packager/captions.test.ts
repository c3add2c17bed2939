import { describe, expect, it } from "vitest";
import { avcCoding } from "#media";
import type { PackagedTrack } from "../packager.ts";
import { readAccessUnit } from "./access-unit.ts";
import { readHevcAccessUnit } from "./hevc-access-unit.ts";
import { annexBUnits } from "./nal-units.ts";
import { VideoTrack } from "./video-track.ts";

/** x264, High profile, 640×360. */
const SPS = Buffer.from("6764001eacd940a02ff97011000003000100000300320f162d96", "hex");
const PPS = Buffer.from("68ebe3cb22c0", "hex");
const HEAD = "b500314741393403";

/** One SEI message of `cc_data`, behind the header of its NAL unit. All in hexadecimal. */
function sei(header: string, ccData: string): string {
  const payload = HEAD + ccData;
  return `000001${header}04${(payload.length / 2).toString(16).padStart(2, "0")}${payload}80`;
}

/** Of a picture with it, in both codecs. */
function captionsOf(ccData: string): (readonly string[] | undefined)[] {
  const h264 = Buffer.from(`${sei("06", ccData)}000001419a`, "hex");
  const hevc = Buffer.from(`${sei("4e01", ccData)}0000010201d0`, "hex");
  return [
    readAccessUnit(annexBUnits(h264))?.captions,
    readHevcAccessUnit(annexBUnits(hevc))?.captions,
  ];
}

describe("captions in H.264 and HEVC", () => {
  it.each([
    ["the first field of CEA-608", "c1ff fc94a0 ff", ["CC1"]],
    ["the second field", "c1ff fd15ae ff", ["CC3"]],
    ["CEA-708", "c1ff ff0223 ff", ["SERVICE1"]],
    ["both, in one picture", "c2ff fc94a0 ff0223 ff", ["CC1", "SERVICE1"]],
    ["nothing but the place for them", "c1ff fc8080 ff", undefined],
    ["a pair marked as not valid", "c1ff f894a0 ff", undefined],
    ["data that is not to be processed", "81ff fc94a0 ff", undefined],
    ["less than it says", "dfff fc94a0", ["CC1"]],
  ])("are found: %s", (_, ccData, expected) => {
    expect(captionsOf(ccData.replaceAll(" ", ""))).toEqual([expected, expected]);
  });

  it("are announced with the first that has text, by the same init segment, and stay so", () => {
    const tracks: PackagedTrack[] = [];
    const track = new VideoTrack({
      chunkMs: 200,
      onTrack: (each) => tracks.push(each),
      onChunk: () => {},
      onLeadingPicture: () => {},
    });
    const key = { bytes: SPS, isKeyFrame: true, isOpen: false, coding: avcCoding(SPS, [PPS]) };
    const push = (place: number, captions?: string[]) => {
      const times = { dts: place * 3600, pts: place * 3600, nextDts: undefined };
      track.push({ ...key, captions }, times, () => 0);
    };
    push(0);
    push(1, ["CC1"]);
    push(2, ["CC1"]);
    push(3);
    push(4, ["CC3", "CC1"]);
    expect(tracks.map(({ initVersion, captions }) => [initVersion, captions])).toEqual([
      [0, undefined],
      [0, ["CC1"]],
      [0, ["CC1", "CC3"]],
    ]);
  });
});
