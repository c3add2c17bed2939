import { findBox, MediaError, readBoxes } from "#media";

/** What of a track of H.264 or HEVC stands outside its samples, in `avcC` or `hvcC`. */
export type NalConfig = {
  codec: "h264" | "hevc";
  lengthBytes: number;
  parameterSets: readonly Uint8Array[];
};

const START_CODE = Uint8Array.of(0, 0, 0, 1);
/** Types of NAL units, and the access unit delimiter after which any kind of slice may follow:
 * MPEG-TS wants one per picture (2.14.1 and 2.17.1). */
const CODECS = {
  h264: {
    typeOf: (unit: Uint8Array) => (unit[0] ?? 0) & 31,
    sps: 7,
    delimiter: { type: 9, unit: Uint8Array.of(9, 0xf0) },
  },
  hevc: {
    typeOf: (unit: Uint8Array) => ((unit[0] ?? 0) >> 1) & 63,
    sps: 33,
    delimiter: { type: 35, unit: Uint8Array.of(35 << 1, 1, 0x50) },
  },
};

/** Where in `avcC` the sets of one kind are counted, and by which bits (ISO/IEC 14496-15, 5.3.3.1). */
const AVC_SETS_AT = 5;
const AVC_COUNT_MASKS = [0x1f, 0xff];
/** Where in `hvcC` the lists of sets begin, each behind a byte that says which (8.3.3.1). */
const HEVC_LISTS_AT = 22;

/** @throws {MediaError} When the init segment is not that of an H.264 or HEVC track. */
export function readNalConfig(init: Uint8Array): NalConfig {
  const stsd = findBox(init, "moov", "trak", "mdia", "minf", "stbl", "stsd");
  const entry = readBoxes(stsd.subarray(8))[0];
  const boxes = entry?.body.subarray(78) ?? new Uint8Array();
  switch (entry?.type) {
    case "avc1":
    case "avc3":
      return readAvc(findBox(boxes, "avcC"));
    case "hvc1":
    case "hev1":
      return readHevc(findBox(boxes, "hvcC"));
    default:
      throw new MediaError("unsupported", `${entry?.type ?? "nothing"} as NAL units`);
  }
}

function readAvc(avcC: Uint8Array): NalConfig {
  const parameterSets: Uint8Array[] = [];
  let at = AVC_SETS_AT;
  for (const mask of AVC_COUNT_MASKS) {
    const sets = readSets(avcC, at + 1, (avcC[at] ?? 0) & mask);
    parameterSets.push(...sets.units);
    at = sets.end;
  }
  return { codec: "h264", lengthBytes: ((avcC[4] ?? 3) & 3) + 1, parameterSets };
}

function readHevc(hvcC: Uint8Array): NalConfig {
  const parameterSets: Uint8Array[] = [];
  let at = HEVC_LISTS_AT + 1;
  for (let lists = hvcC[HEVC_LISTS_AT] ?? 0; lists > 0; lists--) {
    const sets = readSets(hvcC, at + 3, u16(hvcC, at + 1));
    parameterSets.push(...sets.units);
    at = sets.end;
  }
  return { codec: "hevc", lengthBytes: ((hvcC[21] ?? 3) & 3) + 1, parameterSets };
}

/** Units behind lengths of two bytes. */
function readSets(box: Uint8Array, start: number, count: number) {
  const units: Uint8Array[] = [];
  let at = start;
  for (let left = count; left > 0; left--) {
    const sizeBytes = u16(box, at);
    if (at + 2 + sizeBytes > box.length) throw new MediaError("truncated", "parameter sets");
    units.push(box.subarray(at + 2, at + 2 + sizeBytes));
    at += 2 + sizeBytes;
  }
  return { units, end: at };
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/**
 * One picture as MPEG-TS has it: delimiter, on key frames the parameter sets, then the NAL units
 * after start codes.
 * @throws {MediaError} `truncated`
 */
export function toAnnexB(sample: Uint8Array, isKeyFrame: boolean, config: NalConfig): Uint8Array[] {
  const { typeOf, sps, delimiter } = CODECS[config.codec];
  const units = [...nalUnits(sample, config.lengthBytes)].filter(
    (unit) => typeOf(unit) !== delimiter.type,
  );
  const hasOwnSets = units.some((unit) => typeOf(unit) === sps);
  const sets = isKeyFrame && !hasOwnSets ? config.parameterSets : [];
  return [delimiter.unit, ...sets, ...units].flatMap((unit) => [START_CODE, unit]);
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
