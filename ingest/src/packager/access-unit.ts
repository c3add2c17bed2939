/** One picture as it goes into fMP4, and what was found on the way. */
export type AccessUnit = {
  /** NAL units behind 4-byte lengths (ISO/IEC 14496-15, 5.3.2), parameter sets left out. */
  bytes: Uint8Array;
  isKeyFrame: boolean;
  /** Parameter sets, if it carried any. */
  sps: Uint8Array | undefined;
  pps: Uint8Array | undefined;
};

const NAL_IDR = 5;
const NAL_SEI = 6;
const NAL_SPS = 7;
const NAL_PPS = 8;
const NAL_DELIMITER = 9;
const NAL_FILLER = 12;
const SEI_RECOVERY_POINT = 6;
const START_CODE = Buffer.from([0, 0, 1]);

/** Turn one Annex B unit (ITU-T H.264, annex B) into an access unit; undefined without a picture. */
export function readAccessUnit(data: Uint8Array): AccessUnit | undefined {
  const nals: Uint8Array[] = [];
  let isKeyFrame = false;
  let hasPicture = false;
  let sps: Uint8Array | undefined;
  let pps: Uint8Array | undefined;
  for (const nal of splitNals(data)) {
    const type = (nal[0] ?? 0) & 31;
    if (type === NAL_SPS) sps = nal;
    else if (type === NAL_PPS) pps = nal;
    else if (type !== NAL_DELIMITER && type !== NAL_FILLER) nals.push(nal);
    if (type >= 1 && type <= NAL_IDR) hasPicture = true;
    // Encoders with open groups of pictures mark where decoding may begin this way (D.2.8).
    if (type === NAL_IDR || (type === NAL_SEI && nal[1] === SEI_RECOVERY_POINT)) isKeyFrame = true;
  }
  if (!hasPicture) return undefined;
  return { bytes: lengthPrefixed(nals), isKeyFrame, sps, pps };
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
