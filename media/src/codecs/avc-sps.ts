import { BitReader, withoutEmulationPrevention } from "../bit-reader.ts";
import { MediaError } from "../media-error.ts";

/** What a player needs to know of an H.264 sequence parameter set (ITU-T H.264, 7.3.2.1.1). */
export type SpsInfo = { profile: number; compatibility: number; level: number } & {
  /** chroma_format_idc: 1 is 4:2:0. */
  chromaFormat: number;
  bitDepthLuma: number;
  bitDepthChroma: number;
  /** After cropping. */
  width: number;
  height: number;
};

const PROFILES_WITH_CHROMA_FORMAT = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134,
]);

/** @param sps NAL unit with its header byte. @throws {MediaError} When it cannot be one. */
export function parseSps(sps: Uint8Array): SpsInfo {
  if (sps.length < 5 || ((sps[0] ?? 0) & 31) !== 7) {
    throw new MediaError("bad-box", "not a sequence parameter set");
  }
  const bits = new BitReader(withoutEmulationPrevention(sps.subarray(1)), "a parameter set");
  const profile = bits.u(8);
  const compatibility = bits.u(8);
  const level = bits.u(8);
  bits.ue(); // seq_parameter_set_id
  let chromaFormat = 1;
  let [bitDepthLuma, bitDepthChroma] = [8, 8];
  if (PROFILES_WITH_CHROMA_FORMAT.has(profile)) {
    chromaFormat = bits.ue();
    if (chromaFormat === 3) bits.u(1);
    bitDepthLuma = bits.ue() + 8;
    bitDepthChroma = bits.ue() + 8;
    bits.u(1); // qpprime_y_zero_transform_bypass_flag
    if (bits.u(1) === 1) skipScalingMatrix(bits, chromaFormat);
  }
  bits.ue(); // log2_max_frame_num_minus4
  skipPictureOrderCount(bits);
  bits.ue(); // max_num_ref_frames
  bits.u(1); // gaps_in_frame_num_value_allowed_flag
  const widthMacroblocks = bits.ue() + 1;
  const heightMapUnits = bits.ue() + 1;
  const isFrameOnly = bits.u(1);
  if (isFrameOnly === 0) bits.u(1); // mb_adaptive_frame_field_flag
  bits.u(1); // direct_8x8_inference_flag
  let [left, right, top, bottom] = [0, 0, 0, 0];
  if (bits.u(1) === 1) [left, right, top, bottom] = [bits.ue(), bits.ue(), bits.ue(), bits.ue()];
  const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const cropY = (chromaFormat === 1 ? 2 : 1) * (2 - isFrameOnly);
  const width = widthMacroblocks * 16 - (left + right) * cropX;
  const height = heightMapUnits * 16 * (2 - isFrameOnly) - (top + bottom) * cropY;
  if (width < 16 || height < 16 || width > 16384 || height > 16384) {
    throw new MediaError("bad-box", `a picture of ${width}×${height}`);
  }
  if (chromaFormat > 3 || bitDepthLuma > 14 || bitDepthChroma > 14) {
    throw new MediaError("bad-box", `chroma format ${chromaFormat}, ${bitDepthLuma} bits`);
  }
  const format = { chromaFormat, bitDepthLuma, bitDepthChroma };
  return { profile, compatibility, level, ...format, width, height };
}

function skipPictureOrderCount(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) {
    bits.ue();
  } else if (type === 1) {
    bits.u(1);
    bits.ue();
    bits.ue();
    const cycle = bits.ue();
    for (let i = 0; i < Math.min(cycle, 255); i++) bits.ue();
  }
}

function skipScalingMatrix(bits: BitReader, chromaFormat: number): void {
  for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list++) {
    if (bits.u(1) === 0) continue;
    let last = 8;
    let next = 8;
    for (let i = 0; i < (list < 6 ? 16 : 64) && next !== 0; i++) {
      next = (last + bits.se() + 256) % 256;
      last = next === 0 ? last : next;
    }
  }
}
