import { box, fullBox, u32, u64 } from "./box-writer.ts";
import { TRACK_ID } from "./init-writer.ts";

/** One coded frame of video, or one AAC frame. */
export type Sample = {
  bytes: Uint8Array;
  durationTicks: number;
  /** Presentation minus decode time; negative is allowed, audio has 0. */
  compositionOffsetTicks: number;
  /** Decodable by itself; every audio frame is. */
  isKeyFrame: boolean;
};

export type ChunkContent = {
  sequence: number;
  /** Decode time of the first sample in the track's timescale. */
  decodeTimeTicks: number;
  samples: readonly Sample[];
  /** Of the init segment. Default 1: tracks are alone in their files. */
  trackId?: number;
};

const DEFAULT_BASE_IS_MOOF = 0x020000;
const TFHD_DURATION = 0x8;
const TFHD_FLAGS = 0x20;
const TRUN_DATA_OFFSET = 0x1;
const TRUN_FIRST_FLAGS = 0x4;
const TRUN_DURATION = 0x100;
const TRUN_SIZE = 0x200;
const TRUN_FLAGS = 0x400;
const TRUN_COMPOSITION = 0x800;

/** sample_depends_on 2 = does not; sample_is_non_sync_sample (ISO/IEC 14496-12, 8.8.3.1). */
export const KEY_FRAME_FLAGS = 0x02000000;
export const DELTA_FRAME_FLAGS = 0x01010000;

/** One CMAF chunk: `moof` + `mdat`. Fields equal for all samples are written once. */
export function writeChunk(content: ChunkContent): Uint8Array {
  const { sequence, decodeTimeTicks, samples, trackId = TRACK_ID } = content;
  const [first, ...rest] = samples;
  if (first === undefined) throw new RangeError("a chunk has at least one sample");
  const hasOneDuration = rest.every((each) => each.durationTicks === first.durationTicks);
  const hasComposition = samples.some((each) => each.compositionOffsetTicks !== 0);
  const areDeltas = rest.every((each) => !each.isKeyFrame);
  const areKeys = samples.every((each) => each.isKeyFrame);
  const hasOneFlags = areKeys || areDeltas;

  const trunFlags =
    TRUN_DATA_OFFSET |
    TRUN_SIZE |
    (hasOneDuration ? 0 : TRUN_DURATION) |
    (hasComposition ? TRUN_COMPOSITION : 0) |
    (hasOneFlags ? (areKeys ? 0 : TRUN_FIRST_FLAGS) : TRUN_FLAGS);
  const runs = samples.flatMap((sample) => [
    ...(hasOneDuration ? [] : u32(sample.durationTicks)),
    ...u32(sample.bytes.length),
    ...(hasOneFlags ? [] : u32(flagsOf(sample))),
    ...(hasComposition ? u32(sample.compositionOffsetTicks) : []),
  ]);
  const tfhd = fullBox(
    "tfhd",
    0,
    DEFAULT_BASE_IS_MOOF | TFHD_FLAGS | (hasOneDuration ? TFHD_DURATION : 0),
    u32(trackId),
    hasOneDuration ? u32(first.durationTicks) : [],
    u32(areKeys ? KEY_FRAME_FLAGS : DELTA_FRAME_FLAGS),
  );
  const moof = (dataOffset: number) =>
    box(
      "moof",
      fullBox("mfhd", 0, 0, u32(sequence)),
      box(
        "traf",
        tfhd,
        fullBox("tfdt", 1, 0, u64(decodeTimeTicks)),
        fullBox(
          "trun",
          1,
          trunFlags,
          u32(samples.length, dataOffset),
          hasOneFlags && !areKeys ? u32(flagsOf(first)) : [],
          runs,
        ),
      ),
    );
  // The offset of the data depends on the size of the box that states it, which does not change.
  const moofBytes = moof(moof(0).length + 8);
  return concat(moofBytes, box("mdat", ...samples.map((sample) => sample.bytes)));
}

function flagsOf(sample: Sample): number {
  return sample.isKeyFrame ? KEY_FRAME_FLAGS : DELTA_FRAME_FLAGS;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
