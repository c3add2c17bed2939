import { describe, expect, it } from "vitest";
import { avcCoding } from "#media";
import type { PackagedTrack } from "../packager.ts";
import { readAccessUnit } from "./access-unit.ts";
import { annexBUnits } from "./nal-units.ts";
import { VideoTrack } from "./video-track.ts";

/** x264, High profile, 640×360. */
const SPS = Buffer.from("6764001eacd940a02ff97011000003000100000300320f162d96", "hex");
const PPS = Buffer.from("68ebe3cb22c0", "hex");
const HEAD = "b500314741393403";

/** A picture with one SEI message of `cc_data`. @param ccData In hexadecimal. */
function captionsOf(ccData: string): readonly string[] | undefined {
  const payload = HEAD + ccData;
  const sei = `0604${(payload.length / 2).toString(16).padStart(2, "0")}${payload}80`;
  const unit = readAccessUnit(annexBUnits(Buffer.from(`000001${sei}000001419a`, "hex")));
  return unit?.captions;
}

describe("captions in H.264", () => {
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
    expect(captionsOf(ccData.replaceAll(" ", ""))).toEqual(expected);
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
