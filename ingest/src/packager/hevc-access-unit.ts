import { type AccessUnit, captionsOf } from "./access-unit.ts";
import { lengthPrefixed } from "./nal-units.ts";

/** NAL unit types (ITU-T H.265, table 7-1). */
const FIRST_IRAP = 16;
const FIRST_IDR = 19;
const LAST_IDR = 20;
const LAST_IRAP = 21;
const LAST_PICTURE = 31;
const NAL_VPS = 32;
const NAL_SPS = 33;
const NAL_PPS = 34;
const NAL_DELIMITER = 35;
const NAL_FILLER = 38;
const NAL_PREFIX_SEI = 39;
const HEADER_BYTES = 2;

const typeOf = (nal: Uint8Array) => ((nal[0] ?? 0) >> 1) & 63;
const isParameterSet = (nal: Uint8Array) => typeOf(nal) >= NAL_VPS && typeOf(nal) <= NAL_PPS;

/** Turn the NAL units of one HEVC picture into an access unit; undefined without a picture. */
export function readHevcAccessUnit(units: Iterable<Uint8Array>): AccessUnit | undefined {
  const nals: Uint8Array[] = [];
  const captions: string[] = [];
  let picture: number | undefined;
  for (const nal of units) {
    const type = typeOf(nal);
    if ((type >= NAL_DELIMITER && type <= NAL_FILLER) || nal.length < 2) continue;
    nals.push(nal);
    if (type === NAL_PREFIX_SEI) captions.push(...captionsOf(nal, HEADER_BYTES));
    if (type <= LAST_PICTURE) picture ??= type;
  }
  if (picture === undefined) return undefined;
  const isKeyFrame = picture >= FIRST_IRAP && picture <= LAST_IRAP;
  const isIdr = picture >= FIRST_IDR && picture <= LAST_IDR;
  return {
    bytes: lengthPrefixed(isKeyFrame ? nals.filter((nal) => !isParameterSet(nal)) : nals),
    isKeyFrame,
    isOpen: isKeyFrame && !isIdr,
    ...(captions.length === 0 ? {} : { captions }),
    vps: nals.findLast((nal) => typeOf(nal) === NAL_VPS),
    sps: nals.findLast((nal) => typeOf(nal) === NAL_SPS),
    pps: nals.filter((nal) => typeOf(nal) === NAL_PPS),
  };
}
