import { BitReader } from "../bit-reader.ts";
import { fullBox, u16 } from "../box-writer.ts";
import { MediaError } from "../media-error.ts";
import type { VideoCoding } from "./coding.ts";

const SYNC_CODE = 0x498342;
const COLOR_SPACE_RGB = 7;

/** Largest luma picture by level (VP9 levels, WebM project), up to 30 frames a second. */
const LEVELS: readonly (readonly [pixels: number, level: number])[] = [
  [36_864, 10],
  [73_728, 11],
  [122_880, 20],
  [245_760, 21],
  [552_960, 30],
  [983_040, 31],
  [2_228_224, 40],
  [8_912_896, 50],
  [35_651_584, 60],
];
/** primaries, transfer, matrix (ISO/IEC 23091-2) by color_space; 2 is unspecified. */
const COLORS: Record<number, readonly [number, number, number]> = {
  1: [6, 6, 6],
  2: [1, 1, 1],
  3: [6, 6, 6],
  4: [7, 7, 7],
  5: [9, 14, 9],
  [COLOR_SPACE_RGB]: [1, 13, 0],
};

/**
 * VP9 (VP Codec ISO Media File Format Binding, version 1.0), told from a key frame's header, as no
 * container says all of it.
 * @throws {MediaError} When it is no key frame.
 */
export function vp9Coding(keyFrame: Uint8Array): VideoCoding {
  const { profile, bitDepth, subsampling, isFullRange, colorSpace, width, height } =
    parseKeyFrame(keyFrame);
  const level = LEVELS.find(([pixels]) => width * height <= pixels)?.[1] ?? 62;
  const colors = COLORS[colorSpace] ?? [2, 2, 2];
  const config = fullBox(
    "vpcC",
    1,
    0,
    [profile, level, (bitDepth << 4) | (subsampling << 1) | (isFullRange ? 1 : 0), ...colors],
    u16(0),
  );
  const codec = `vp09.${[profile, level, bitDepth].map(twoDigits).join(".")}`;
  return { kind: "video", codec, entryType: "vp09", config, width, height };
}

/** The uncompressed header (VP9 bitstream, 6.2), up to the size of the picture. */
function parseKeyFrame(frame: Uint8Array) {
  const bits = new BitReader(frame, "a VP9 frame header");
  if (bits.u(2) !== 2) throw new MediaError("bad-box", "not a VP9 frame");
  const profile = bits.u(1) + 2 * bits.u(1);
  if (profile === 3) bits.skip(1);
  const isRepeat = bits.flag(); // show_existing_frame
  if (isRepeat || bits.flag()) throw new MediaError("bad-box", "not a VP9 key frame");
  bits.skip(2); // show_frame, error_resilient_mode
  if (bits.u(24) !== SYNC_CODE) throw new MediaError("bad-box", "not a VP9 key frame");
  const bitDepth = profile < 2 ? 8 : bits.flag() ? 12 : 10;
  const colorSpace = bits.u(3);
  const isRgb = colorSpace === COLOR_SPACE_RGB;
  const isFullRange = isRgb || bits.flag();
  const hasSubsampling = (profile & 1) === 1;
  let subsampling = isRgb ? 3 : 1; // 4:4:4, else 4:2:0
  if (hasSubsampling && !isRgb)
    subsampling = bits.flag() ? (bits.flag() ? 1 : 2) : bits.skip(1) && 3;
  if (hasSubsampling) bits.skip(1);
  const width = bits.u(16) + 1;
  const height = bits.u(16) + 1;
  return { profile, bitDepth, colorSpace, isFullRange, subsampling, width, height };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
