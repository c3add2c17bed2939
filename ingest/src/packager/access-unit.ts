import { captionChannels, captionsIn, SEI_RECOVERY_POINT, seiMessages } from "#media";
import { lengthPrefixed } from "./nal-units.ts";

/** One picture of H.264 or HEVC as it goes into fMP4, and what was found on the way. */
export type AccessUnit = {
  /**
   * NAL units behind 4-byte lengths (ISO/IEC 14496-15, 5.3.2). Parameter sets of a key frame are
   * left out, as they go into the init segment; those of other pictures stay where they are.
   */
  bytes: Uint8Array;
  /** Decoding may begin here: an IDR picture, or one marked by a recovery point. */
  isKeyFrame: boolean;
  /** A key frame that is no IDR: pictures shown before it may need the GOP before. */
  isOpen: boolean;
  /** Captions that have text in this picture: `CC1`, `CC3`, `SERVICE1`. */
  captions?: readonly string[];
  /** Parameter sets, if it carried any. */
  vps?: Uint8Array | undefined;
  sps: Uint8Array | undefined;
  pps: readonly Uint8Array[];
};

const NAL_IDR = 5;
const NAL_SEI = 6;
const NAL_SPS = 7;
const NAL_PPS = 8;
const NAL_DELIMITER = 9;
const NAL_FILLER = 12;

const typeOf = (nal: Uint8Array) => (nal[0] ?? 0) & 31;
const isParameterSet = (nal: Uint8Array) => typeOf(nal) === NAL_SPS || typeOf(nal) === NAL_PPS;

/** Turn the NAL units of one H.264 picture into an access unit; undefined without a picture. */
export function readAccessUnit(units: Iterable<Uint8Array>): AccessUnit | undefined {
  const nals: Uint8Array[] = [];
  let hasPicture = false;
  let isIdr = false;
  let isRecoveryPoint = false;
  const captions: string[] = [];
  for (const nal of units) {
    const type = typeOf(nal);
    if (type === NAL_DELIMITER || type === NAL_FILLER) continue;
    nals.push(nal);
    if (type >= 1 && type <= NAL_IDR) hasPicture = true;
    if (type === NAL_IDR) isIdr = true;
    // Encoders with open groups of pictures mark where decoding may begin this way (D.2.8).
    if (type === NAL_SEI) {
      isRecoveryPoint ||= hasRecoveryPoint(nal);
      captions.push(...captionsOf(nal));
    }
  }
  if (!hasPicture) return undefined;
  const isKeyFrame = isIdr || isRecoveryPoint;
  return {
    bytes: lengthPrefixed(isKeyFrame ? nals.filter((nal) => !isParameterSet(nal)) : nals),
    isKeyFrame,
    isOpen: !isIdr && isRecoveryPoint,
    ...(captions.length === 0 ? {} : { captions }),
    sps: nals.findLast((nal) => typeOf(nal) === NAL_SPS),
    pps: nals.filter((nal) => typeOf(nal) === NAL_PPS),
  };
}

/**
 * Whether a SEI NAL unit says that pictures are right from here on. A recovery that takes some
 * pictures (intra refresh) does not count: a decoder that begins there fails.
 */
function hasRecoveryPoint(nal: Uint8Array): boolean {
  for (const { type, payload } of seiMessages(nal)) {
    // recovery_frame_cnt is the first field; 0 is a single 1 bit.
    if (type === SEI_RECOVERY_POINT) return ((payload[0] ?? 0) & 0x80) !== 0;
  }
  return false;
}

/** The captions in a SEI NAL unit; HEVC has them in the same messages (H.265, D.2.6). */
export function captionsOf(nal: Uint8Array, headerBytes = 1): string[] {
  return [...seiMessages(nal, headerBytes)].flatMap((message) => {
    const ccData = captionsIn(message);
    return ccData === undefined ? [] : captionChannels(ccData);
  });
}
