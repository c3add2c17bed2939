/** One picture as it goes into fMP4, and what was found on the way. */
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
  /** Parameter sets, if it carried any. */
  sps: Uint8Array | undefined;
  pps: readonly Uint8Array[];
};

const NAL_IDR = 5;
const NAL_SEI = 6;
const NAL_SPS = 7;
const NAL_PPS = 8;
const NAL_DELIMITER = 9;
const NAL_FILLER = 12;
const SEI_RECOVERY_POINT = 6;
const START_CODE = Buffer.from([0, 0, 1]);

const typeOf = (nal: Uint8Array) => (nal[0] ?? 0) & 31;
const isParameterSet = (nal: Uint8Array) => typeOf(nal) === NAL_SPS || typeOf(nal) === NAL_PPS;

/** Turn one Annex B unit (ITU-T H.264, annex B) into an access unit; undefined without a picture. */
export function readAccessUnit(data: Uint8Array): AccessUnit | undefined {
  const nals: Uint8Array[] = [];
  let hasPicture = false;
  let isIdr = false;
  let isRecoveryPoint = false;
  for (const nal of splitNals(data)) {
    const type = typeOf(nal);
    if (type === NAL_DELIMITER || type === NAL_FILLER) continue;
    nals.push(nal);
    if (type >= 1 && type <= NAL_IDR) hasPicture = true;
    if (type === NAL_IDR) isIdr = true;
    // Encoders with open groups of pictures mark where decoding may begin this way (D.2.8).
    if (type === NAL_SEI) isRecoveryPoint ||= hasRecoveryPoint(nal);
  }
  if (!hasPicture) return undefined;
  const isKeyFrame = isIdr || isRecoveryPoint;
  return {
    bytes: lengthPrefixed(isKeyFrame ? nals.filter((nal) => !isParameterSet(nal)) : nals),
    isKeyFrame,
    isOpen: !isIdr && isRecoveryPoint,
    sps: nals.findLast((nal) => typeOf(nal) === NAL_SPS),
    pps: nals.filter((nal) => typeOf(nal) === NAL_PPS),
  };
}

/**
 * Whether a SEI NAL unit says that pictures are right from here on. A recovery that takes some
 * pictures (intra refresh) does not count: a decoder that begins there fails.
 */
function hasRecoveryPoint(nal: Uint8Array): boolean {
  let at = 1;
  // Each message is a type and a size, both in steps of 255 (7.3.2.3.1); 0x80 ends the unit.
  while (at + 2 < nal.length && nal[at] !== 0x80) {
    let type = 0;
    while (nal[at] === 255) type += nal[at++] ?? 0;
    type += nal[at++] ?? 0;
    let size = 0;
    while (nal[at] === 255) size += nal[at++] ?? 0;
    size += nal[at++] ?? 0;
    // recovery_frame_cnt is the first field; 0 is a single 1 bit.
    if (type === SEI_RECOVERY_POINT) return ((nal[at] ?? 0) & 0x80) !== 0;
    at += size;
  }
  return false;
}

function* splitNals(data: Uint8Array): Iterable<Uint8Array> {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let start = buffer.indexOf(START_CODE);
  while (start >= 0) {
    const from = start + START_CODE.length;
    const next = buffer.indexOf(START_CODE, from);
    let end = next < 0 ? data.length : next;
    // Zeros before a start code belong to it, or pad the end.
    while (end > from && data[end - 1] === 0) end--;
    if (end > from) yield data.subarray(from, end);
    start = next;
  }
}

function lengthPrefixed(nals: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(nals.reduce((sum, nal) => sum + 4 + nal.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const nal of nals) {
    view.setUint32(at, nal.length);
    bytes.set(nal, at + 4);
    at += 4 + nal.length;
  }
  return bytes;
}
