import { sizedUnits } from "../packager/nal-units.ts";

export type StoredSets = {
  /** Of the length in front of each NAL unit. */
  lengthBytes: number;
  /** Parameter sets, in their order. */
  nals: readonly Uint8Array[];
};

/**
 * Parameter sets that a container keeps beside the pictures: `avcC` and `hvcC` (ISO/IEC 14496-15,
 * 5.3.3.1 and 8.3.3.1). What is cut short ends the list.
 */
export function storedSets(description: Uint8Array, codec: "h264" | "hevc"): StoredSets {
  return codec === "h264" ? avcSets(description) : hevcSets(description);
}

function avcSets(avcC: Uint8Array): StoredSets {
  const nals: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const found = take(avcC, at + 1, (avcC[at] ?? 0) & mask);
    nals.push(...found.nals);
    at = found.end;
  }
  return { lengthBytes: ((avcC[4] ?? 3) & 3) + 1, nals };
}

function hevcSets(hvcC: Uint8Array): StoredSets {
  const nals: Uint8Array[] = [];
  let at = 23;
  for (let arrays = hvcC[22] ?? 0; arrays > 0; arrays--) {
    const found = take(hvcC, at + 3, ((hvcC[at + 1] ?? 0) << 8) | (hvcC[at + 2] ?? 0));
    nals.push(...found.nals);
    at = found.end;
  }
  return { lengthBytes: ((hvcC[21] ?? 3) & 3) + 1, nals };
}

/** `count` units, each behind a length of two bytes. */
function take(bytes: Uint8Array, at: number, count: number): { nals: Uint8Array[]; end: number } {
  const nals: Uint8Array[] = [];
  for (const nal of sizedUnits(bytes.subarray(at), 2)) {
    if (nals.length === count) break;
    nals.push(nal);
  }
  return { nals, end: at + nals.reduce((sum, nal) => sum + 2 + nal.length, 0) };
}
