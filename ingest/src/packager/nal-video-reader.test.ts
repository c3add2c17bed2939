import { describe, expect, it } from "vitest";
import { NalVideoReader } from "./nal-video-reader.ts";

/** x264, High profile, 640×360. */
const SPS = "6764001eacd940a02ff97011000003000100000300320f162d96";
const PPS = "68ebe3cb22c0";
const OTHER_PPS = "684bf2";
const IDR = "6588";

const nals = (...units: string[]) => units.map((unit) => new Uint8Array(Buffer.from(unit, "hex")));

/** What the init segment would hold. */
function configOf(reader: NalVideoReader, ...units: string[]): string {
  return Buffer.from(reader.read(nals(...units))?.coding?.config ?? []).toString("hex");
}

describe("the coding of H.264 pictures", () => {
  it("has all picture parameter sets, also those that came one after another", () => {
    const reader = new NalVideoReader("h264");
    expect(configOf(reader, SPS, PPS, IDR)).toContain(PPS);
    expect(configOf(reader, OTHER_PPS, IDR)).toContain(OTHER_PPS);
    expect(configOf(reader, IDR)).toContain(PPS);
  });

  it("changes when a parameter set does", () => {
    const reader = new NalVideoReader("h264");
    const before = configOf(reader, SPS, PPS, IDR);
    expect(configOf(reader, SPS, PPS, IDR)).toBe(before);
    expect(configOf(reader, "68ebe3cb22c8", IDR)).not.toBe(before);
  });

  it("is not known before the sets are there, and stays when new ones cannot be read", () => {
    const reader = new NalVideoReader("h264");
    expect(configOf(reader, IDR)).toBe("");
    const known = configOf(reader, SPS, PPS, IDR);
    expect(configOf(reader, "6764", PPS, IDR)).toBe(known);
  });

  it("is said at key frames only", () => {
    const reader = new NalVideoReader("h264");
    expect(reader.read(nals(SPS, PPS, "419a"))).toMatchObject({ coding: undefined });
  });
});
