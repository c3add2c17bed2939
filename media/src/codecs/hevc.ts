import { BitReader, withoutEmulationPrevention } from "../bit-reader.ts";
import { box, u16 } from "../box-writer.ts";
import { MediaError } from "../media-error.ts";
import { hexByte, type VideoCoding } from "./coding.ts";

const NAL_HEADER_BYTES = 2;
const NAL_VPS = 32;
const NAL_SPS = 33;
const NAL_PPS = 34;
/** Profile, compatibility, constraints and level, as `hvcC` has them too (H.265, 7.3.3). */
const PROFILE_BYTES = 12;

export type HevcParameterSets = {
  vps: Uint8Array;
  sps: Uint8Array;
  pps: readonly Uint8Array[];
};

/**
 * HEVC (ISO/IEC 14496-15, 8.3.3.1), as `hvc1`: Safari plays nothing else. Frames have NAL units
 * behind 4-byte lengths. Sets are NAL units with their header bytes.
 * @throws {MediaError} When the SPS cannot be read.
 */
export function hevcCoding({ vps, sps, pps }: HevcParameterSets): VideoCoding {
  const found = parseHevcSps(sps);
  const { profile, chromaFormat, bitDepthLuma, bitDepthChroma, layers, isNested } = found;
  const config = box(
    "hvcC",
    [1],
    profile,
    // Segmentation and parallelism unknown; frame rate unknown; 4-byte lengths.
    [0xf0, 0, 0xfc, 0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8)],
    [0, 0, (layers << 3) | (isNested ? 4 : 0) | 3, 3],
    array(NAL_VPS, [vps]),
    array(NAL_SPS, [sps]),
    array(NAL_PPS, pps),
  );
  const { width, height } = found;
  return {
    kind: "video",
    codec: hevcCodecString(profile),
    entryType: "hvc1",
    config,
    width,
    height,
  };
}

/** All sets of a kind are here and none in the frames: the first bit says so. */
function array(type: number, sets: readonly Uint8Array[]): number[] {
  return [0x80 | type, ...u16(sets.length), ...sets.flatMap((set) => [...u16(set.length), ...set])];
}

/**
 * `hvc1.1.6.L93.B0` (ISO/IEC 14496-15, annex E.3).
 * @param profile The 12 bytes behind `configurationVersion` in `hvcC`.
 */
export function hevcCodecString(profile: Uint8Array): string {
  const [first = 0] = profile;
  const space = ["", "A", "B", "C"][first >> 6] ?? "";
  const compatibility = reversedBits(profile.subarray(1, 5)).toString(16);
  const tier = (first & 0x20) === 0 ? "L" : "H";
  const constraints = [...profile.subarray(5, 11)];
  while (constraints.at(-1) === 0) constraints.pop();
  const level = `${tier}${profile[11] ?? 0}`;
  const tail = constraints.map((byte) => hexByte(byte).toUpperCase());
  return ["hvc1", `${space}${first & 31}`, compatibility.toUpperCase(), level, ...tail].join(".");
}

function reversedBits(bytes: Uint8Array): number {
  let value = 0;
  for (let bit = 31; bit >= 0; bit--) {
    value = value * 2 + (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
  }
  return value;
}

/** H.265, 7.3.2.2: what stands before the first thing nobody here needs. */
function parseHevcSps(sps: Uint8Array) {
  if (sps.length < 16 || ((sps[0] ?? 0) >> 1) % 64 !== NAL_SPS) {
    throw new MediaError("bad-box", "not an HEVC sequence parameter set");
  }
  const plain = withoutEmulationPrevention(sps.subarray(NAL_HEADER_BYTES));
  const bits = new BitReader(plain, "an HEVC parameter set");
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.u(3);
  const isNested = bits.flag();
  bits.skip(PROFILE_BYTES * 8);
  skipSubLayers(bits, subLayers);
  bits.ue(); // sps_seq_parameter_set_id
  const chromaFormat = bits.ue();
  if (chromaFormat === 3) bits.skip(1); // separate_colour_plane_flag
  const [codedWidth, codedHeight] = [bits.ue(), bits.ue()];
  let [left, right, top, bottom] = [0, 0, 0, 0];
  if (bits.flag()) [left, right, top, bottom] = [bits.ue(), bits.ue(), bits.ue(), bits.ue()];
  const [bitDepthLuma, bitDepthChroma] = [bits.ue() + 8, bits.ue() + 8];
  const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const cropY = chromaFormat === 1 ? 2 : 1;
  const width = codedWidth - (left + right) * cropX;
  const height = codedHeight - (top + bottom) * cropY;
  if (width < 8 || height < 8 || width > 16384 || height > 16384) {
    throw new MediaError("bad-box", `a picture of ${width}×${height}`);
  }
  if (chromaFormat > 3 || bitDepthLuma > 16 || bitDepthChroma > 16) {
    throw new MediaError("bad-box", `chroma format ${chromaFormat}, ${bitDepthLuma} bits`);
  }
  const profile = plain.slice(1, 1 + PROFILE_BYTES);
  const format = { chromaFormat, bitDepthLuma, bitDepthChroma };
  return { profile, ...format, layers: subLayers + 1, isNested, width, height };
}

/** @param count sps_max_sub_layers_minus1 */
function skipSubLayers(bits: BitReader, count: number): void {
  if (count === 0) return;
  const present = Array.from({ length: 8 }, () => ({ profile: bits.flag(), level: bits.flag() }));
  for (const { profile, level } of present.slice(0, count)) {
    bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
  }
}
