import { describe, expect, it } from "vitest";
import { writeChunk } from "#media";
import { type Caption, CaptionFeed } from "./caption-feed.ts";
import type { CaptionedCodec } from "./captioned-codec.ts";

/** Header of a SEI unit, and a slice, in hexadecimal. */
const UNITS: Record<CaptionedCodec, { header: string; slice: string }> = {
  avc1: { header: "06", slice: "419a" },
  hvc1: { header: "4e01", slice: "0201d0" },
};
/** CEA-608, channel 1: roll up two lines, carriage return, bottom row, then letters. */
const HELLO = ["1425", "1425", "142d", "142d", "1470", "1470", "4845", "4c4c", "4f00"];

/** One picture with a pair of CEA-608 in its SEI unit (ANSI/SCTE 128-1, 8.1). */
function picture(codec: CaptionedCodec, pair: string): Uint8Array {
  const { header, slice } = UNITS[codec];
  const payload = `b500314741393403c1fffc${pair}ff`;
  const units = [
    `${header}04${(payload.length / 2).toString(16).padStart(2, "0")}${payload}80`,
    slice,
  ];
  const sized = units.map((unit) => (unit.length / 2).toString(16).padStart(8, "0") + unit);
  return Buffer.from(sized.join(""), "hex");
}

describe("captions in the pictures of chunks", () => {
  it.each<CaptionedCodec>(["avc1", "hvc1"])("are read where they are said: %s", (codec) => {
    const captions: Caption[] = [];
    const feed = new CaptionFeed((caption) => captions.push(caption));
    for (const [sequence, pair] of HELLO.entries()) {
      const sample = { durationTicks: 3600, compositionOffsetTicks: 0, isKeyFrame: sequence === 0 };
      const samples = [{ ...sample, bytes: picture(codec, pair) }];
      feed.push(writeChunk({ sequence, decodeTimeTicks: sequence * 3600, samples }), 90_000, codec);
    }
    expect(captions.at(-1)).toMatchObject({ channel: "CC1", text: "HELLO" });
  });
});
