import { box, u16 } from "../box-writer.ts";
import { parseSps } from "./avc-sps.ts";
import { hexByte, type VideoCoding } from "./coding.ts";

const PROFILES_ABOVE_MAIN = [100, 110, 122, 144];

/**
 * H.264 (ISO/IEC 14496-15, 5.3.3.1). Frames have NAL units behind 4-byte lengths.
 * @param sps NAL unit with its header byte. @param pps 1 to 255 of them.
 * @throws {MediaError} When the SPS cannot be read.
 */
export function avcCoding(sps: Uint8Array, pps: readonly Uint8Array[]): VideoCoding {
  const { width, height, profile, chromaFormat, bitDepthLuma, bitDepthChroma } = parseSps(sps);
  // Profiles above Main say so here, too (5.3.3.1.2).
  const high = [0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0];
  const config = box(
    "avcC",
    [1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1], // 4-byte lengths, one SPS
    u16(sps.length),
    sps,
    [pps.length],
    ...pps.flatMap((set) => [u16(set.length), set]),
    PROFILES_ABOVE_MAIN.includes(profile) ? high : [],
  );
  const codec = avcCodecString(sps.subarray(1, 4));
  return { kind: "video", codec, entryType: "avc1", config, width, height };
}

/** `avc1.PPCCLL` (RFC 6381, section 3.3). @param profile Profile, constraints and level. */
export function avcCodecString(profile: Uint8Array): string {
  return `avc1.${[...profile].map(hexByte).join("")}`;
}
