import type { AccessUnit } from "./access-unit.ts";

/** More than one is rare, more than a few is an attack on the init segment. */
const MAX_PPS = 8;
/** A parameter set has some 30 bytes, with scaling matrices a few hundred. */
const MAX_SET_BYTES = 1024;

export type SetsInUse = {
  /** HEVC only. */
  vps: Uint8Array | undefined;
  sps: Uint8Array;
  pps: readonly Uint8Array[];
};

/**
 * Collects parameter sets until a key frame needs them. An encoder may have several picture
 * parameter sets, in one picture or one after another: all belong into the init segment.
 */
export class ParameterSets {
  readonly #headerBytes: number;
  #vps: Uint8Array | undefined;
  #sps: Uint8Array | undefined;
  /** By id. */
  #pps = new Map<number, Uint8Array>();
  #active: SetsInUse | undefined;

  /** @param headerBytes Of a NAL unit: 1 for H.264, 2 for HEVC. */
  constructor(headerBytes: 1 | 2) {
    this.#headerBytes = headerBytes;
  }

  note({ vps, sps, pps }: Pick<AccessUnit, "vps" | "sps" | "pps">): void {
    if (vps !== undefined && vps.length <= MAX_SET_BYTES) this.#vps = vps.slice();
    if (sps !== undefined && sps.length <= MAX_SET_BYTES && !isSame(sps, this.#sps)) {
      this.#sps = sps.slice();
      // They refer to the sequence parameter set before. An encoder that keeps them repeats them.
      if (pps.length > 0) this.#pps.clear();
    }
    for (const set of pps) {
      const id = pictureSetId(set, this.#headerBytes);
      if (id === undefined || set.length > MAX_SET_BYTES) continue;
      if (this.#pps.has(id) || this.#pps.size < MAX_PPS) this.#pps.set(id, set.slice());
    }
  }

  /** At a key frame: the sets that are valid from here, if they are complete and others than before. */
  takeChanged(): SetsInUse | undefined {
    const pps = [...this.#pps.values()];
    if (this.#sps === undefined || pps.length === 0) return undefined;
    const active = this.#active;
    const isKnown =
      isSame(this.#sps, active?.sps) &&
      (this.#vps === undefined || isSame(this.#vps, active?.vps)) &&
      pps.length === active?.pps.length &&
      pps.every((set, index) => isSame(set, active?.pps[index]));
    if (isKnown) return undefined;
    this.#active = { vps: this.#vps, sps: this.#sps, pps };
    return this.#active;
  }
}

/** pic_parameter_set_id, the first field after the header: an Exp-Golomb code, 0 to 255. */
function pictureSetId(pps: Uint8Array, at: number): number | undefined {
  const bits = ((pps[at] ?? 0) << 16) | ((pps[at + 1] ?? 0) << 8) | (pps[at + 2] ?? 0);
  const zeros = Math.clz32(bits) - 8;
  if (zeros > 8) return undefined;
  return (bits >> (23 - 2 * zeros)) - 1;
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index]);
}
