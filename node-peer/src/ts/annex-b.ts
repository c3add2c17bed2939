import { findBox, MediaError, readBoxes } from "#media";

/** What of an H.264 track stands outside its samples, in `avcC`. */
export type AvcConfig = { lengthBytes: number; parameterSets: readonly Uint8Array[] };

const START_CODE = Uint8Array.of(0, 0, 0, 1);
const NAL_SPS = 7;
const NAL_AUD = 9;
/** Access unit delimiter: any kind of slice may follow. MPEG-TS wants one per picture (2.14.1). */
const DELIMITER = Uint8Array.of(0, 0, 0, 1, NAL_AUD, 0xf0);

/** @throws {MediaError} When the init segment is not that of an H.264 track. */
export function readAvcConfig(init: Uint8Array): AvcConfig {
  const stsd = findBox(init, "moov", "trak", "mdia", "minf", "stbl", "stsd");
  const entry = readBoxes(stsd.subarray(8))[0];
  if (entry?.type !== "avc1" && entry?.type !== "avc3") {
    throw new MediaError("unsupported", `${entry?.type ?? "nothing"} in MPEG-TS; H.264 is`);
  }
  const avcC = findBox(entry.body.subarray(78), "avcC");
  const parameterSets: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    for (let count = (avcC[at++] ?? 0) & mask; count > 0; count--) {
      const sizeBytes = ((avcC[at] ?? 0) << 8) | (avcC[at + 1] ?? 0);
      if (at + 2 + sizeBytes > avcC.length) throw new MediaError("truncated", "inside avcC");
      parameterSets.push(avcC.subarray(at + 2, at + 2 + sizeBytes));
      at += 2 + sizeBytes;
    }
  }
  return { lengthBytes: ((avcC[4] ?? 3) & 3) + 1, parameterSets };
}

/**
 * One picture as MPEG-TS has it: delimiter, on key frames the parameter sets, then the NAL units
 * after start codes.
 * @throws {MediaError} `truncated`
 */
export function toAnnexB(sample: Uint8Array, isKeyFrame: boolean, avc: AvcConfig): Uint8Array[] {
  const units = [...nalUnits(sample, avc.lengthBytes)].filter((unit) => typeOf(unit) !== NAL_AUD);
  const hasOwnSets = units.some((unit) => typeOf(unit) === NAL_SPS);
  const sets = isKeyFrame && !hasOwnSets ? avc.parameterSets : [];
  return [DELIMITER, ...[...sets, ...units].flatMap((unit) => [START_CODE, unit])];
}

function* nalUnits(sample: Uint8Array, lengthBytes: number): Generator<Uint8Array> {
  let at = 0;
  while (at < sample.length) {
    let sizeBytes = 0;
    for (let i = 0; i < lengthBytes; i++) sizeBytes = sizeBytes * 256 + (sample[at + i] ?? 0);
    const start = at + lengthBytes;
    if (start + sizeBytes > sample.length) throw new MediaError("truncated", "inside a NAL unit");
    if (sizeBytes > 0) yield sample.subarray(start, start + sizeBytes);
    at = start + sizeBytes;
  }
}

function typeOf(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 31;
}
