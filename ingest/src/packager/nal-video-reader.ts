import { avcCoding, hevcCoding, MediaError, type VideoCoding } from "#media";
import { type AccessUnit, readAccessUnit } from "./access-unit.ts";
import type { VideoFrame } from "./frames.ts";
import { readHevcAccessUnit } from "./hevc-access-unit.ts";
import { ParameterSets, type SetsInUse } from "./parameter-sets.ts";

type NalCodec = {
  headerBytes: 1 | 2;
  readUnit(nals: Iterable<Uint8Array>): AccessUnit | undefined;
  /** @throws {MediaError} When the sets cannot be read. */
  codingOf(sets: SetsInUse): VideoCoding | undefined;
};

const H264: NalCodec = {
  headerBytes: 1,
  readUnit: readAccessUnit,
  codingOf: ({ sps, pps }) => avcCoding(sps, pps),
};

const HEVC: NalCodec = {
  headerBytes: 2,
  readUnit: readHevcAccessUnit,
  codingOf: ({ vps, sps, pps }) => (vps === undefined ? undefined : hevcCoding({ vps, sps, pps })),
};

/** Pictures of H.264 or HEVC, with the coding that the parameter sets so far tell. */
export class NalVideoReader {
  readonly #codec: NalCodec;
  readonly #sets: ParameterSets;
  #coding: VideoCoding | undefined;

  constructor(codec: "h264" | "hevc") {
    this.#codec = codec === "h264" ? H264 : HEVC;
    this.#sets = new ParameterSets(this.#codec.headerBytes);
  }

  /** The NAL units of one picture; undefined without one. */
  read(nals: Iterable<Uint8Array>): VideoFrame | undefined {
    const unit = this.#codec.readUnit(nals);
    if (unit === undefined) return undefined;
    this.#sets.note(unit);
    const { bytes, isKeyFrame, isOpen, captions } = unit;
    const coding = isKeyFrame ? this.#codingNow() : undefined;
    return { bytes, isKeyFrame, isOpen, coding, captions };
  }

  /** Sets that cannot be read leave what was there: the next ones may be whole. */
  #codingNow(): VideoCoding | undefined {
    const sets = this.#sets.takeChanged();
    if (sets === undefined) return this.#coding;
    try {
      this.#coding = this.#codec.codingOf(sets) ?? this.#coding;
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
    }
    return this.#coding;
  }
}
