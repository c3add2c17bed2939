import { FieldReader, findBox, readBoxes } from "./box-reader.ts";
import type { ChunkContent, Sample } from "./chunk-writer.ts";
import { MediaError } from "./media-error.ts";

/** Samples a chunk may state: ten seconds at 400 frames a second. */
const MAX_SAMPLES = 4096;
const NON_SYNC = 0x00010000;

type Defaults = { durationTicks: number; sizeBytes: number; flags: number };

/**
 * Read one `moof` + `mdat`. Sample bytes are views into `bytes`.
 * @throws {MediaError} On anything else, for one a run that points outside the data.
 */
export function readChunk(bytes: Uint8Array): ChunkContent {
  const boxes = readBoxes(bytes);
  const moof = boxes.find(({ type }) => type === "moof");
  if (moof === undefined) throw new MediaError("missing-box", "moof");
  const traf = findBox(moof.body, "traf");
  const sequence = new FieldReader(findBox(moof.body, "mfhd"), "mfhd").skip(4).u32();
  const defaults = readTfhd(findBox(traf, "tfhd"));
  const decodeTimeTicks = readTfdt(findBox(traf, "tfdt"));
  const samples = readTrun(findBox(traf, "trun"), defaults, bytes, moof.start);
  return { sequence, decodeTimeTicks, samples };
}

/** Decode time of a chunk's first sample, without looking at the samples. */
export function readDecodeTimeTicks(bytes: Uint8Array): number {
  return readTfdt(findBox(bytes, "moof", "traf", "tfdt"));
}

function readTfhd(body: Uint8Array): Defaults {
  const fields = new FieldReader(body, "tfhd").skip(1);
  const flags = fields.u24();
  fields.skip(4);
  if ((flags & 0x1) !== 0) fields.skip(8);
  if ((flags & 0x2) !== 0) fields.skip(4);
  return {
    durationTicks: (flags & 0x8) !== 0 ? fields.u32() : 0,
    sizeBytes: (flags & 0x10) !== 0 ? fields.u32() : 0,
    flags: (flags & 0x20) !== 0 ? fields.u32() : 0,
  };
}

function readTfdt(body: Uint8Array): number {
  const fields = new FieldReader(body, "tfdt");
  const version = fields.u8();
  fields.skip(3);
  return version === 1 ? fields.u64() : fields.u32();
}

function readTrun(
  body: Uint8Array,
  defaults: Defaults,
  file: Uint8Array,
  moofStart: number,
): Sample[] {
  const fields = new FieldReader(body, "trun").skip(1);
  const flags = fields.u24();
  const count = fields.u32();
  if (count > MAX_SAMPLES) throw new MediaError("bad-box", `trun: ${count} samples`);
  let at = moofStart + ((flags & 0x1) !== 0 ? fields.i32() : 0);
  const firstFlags = (flags & 0x4) !== 0 ? fields.u32() : undefined;
  return Array.from({ length: count }, (_, index) => {
    const durationTicks = (flags & 0x100) !== 0 ? fields.u32() : defaults.durationTicks;
    const sizeBytes = (flags & 0x200) !== 0 ? fields.u32() : defaults.sizeBytes;
    const ownFlags = (flags & 0x400) !== 0 ? fields.u32() : defaults.flags;
    const compositionOffsetTicks = (flags & 0x800) !== 0 ? fields.i32() : 0;
    if (at < 0 || at + sizeBytes > file.length) {
      throw new MediaError("truncated", `sample ${index} lies outside the data`);
    }
    const bytes = file.subarray(at, at + sizeBytes);
    at += sizeBytes;
    const sampleFlags = index === 0 ? (firstFlags ?? ownFlags) : ownFlags;
    return {
      bytes,
      durationTicks,
      compositionOffsetTicks,
      isKeyFrame: (sampleFlags & NON_SYNC) === 0,
    };
  });
}
