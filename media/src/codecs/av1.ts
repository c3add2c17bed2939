import { BitReader } from "../bit-reader.ts";
import { box } from "../box-writer.ts";
import { MediaError } from "../media-error.ts";
import type { VideoCoding } from "./coding.ts";

const OBU_SEQUENCE_HEADER = 1;
const OBU_TEMPORAL_DELIMITER = 2;

/**
 * AV1 (AV1 Codec ISO Media File Format Binding, version 1.2), told from the sequence header of a
 * key frame.
 * @throws {MediaError} When there is none, or it cannot be read.
 */
export function av1Coding(temporalUnit: Uint8Array): VideoCoding {
  const header = [...obus(temporalUnit)].find(({ type }) => type === OBU_SEQUENCE_HEADER);
  if (header === undefined) throw new MediaError("missing-box", "an AV1 sequence header");
  const found = parseSequenceHeader(header.payload);
  const { profile, level, tier, isHighBitDepth, isTwelveBit, isMonochrome } = found;
  const flags =
    (tier << 7) |
    (isHighBitDepth ? 0x40 : 0) |
    (isTwelveBit ? 0x20 : 0) |
    (isMonochrome ? 0x10 : 0) |
    (found.subsamplingX << 3) |
    (found.subsamplingY << 2) |
    found.samplePosition;
  const bitDepth = isTwelveBit ? 12 : isHighBitDepth ? 10 : 8;
  const tierLetter = tier === 0 ? "M" : "H";
  return {
    kind: "video",
    codec: `av01.${profile}.${twoDigits(level)}${tierLetter}.${twoDigits(bitDepth)}`,
    entryType: "av01",
    config: box("av1C", [0x81, (profile << 5) | level, flags, 0], header.bytes),
    width: found.width,
    height: found.height,
  };
}

/** A temporal unit as fMP4 has it: without its delimiter (section 2.4). */
export function av1Sample(temporalUnit: Uint8Array): Uint8Array {
  const [first] = obus(temporalUnit);
  const isDelimited = first?.type === OBU_TEMPORAL_DELIMITER;
  return isDelimited ? temporalUnit.subarray(first.bytes.length) : temporalUnit;
}

type Obu = { type: number; bytes: Uint8Array; payload: Uint8Array };

/** AV1 bitstream, 5.3; units without a size reach to the end. */
function* obus(bytes: Uint8Array): Iterable<Obu> {
  let at = 0;
  while (at < bytes.length) {
    const header = bytes[at] ?? 0;
    let start = at + ((header & 4) === 0 ? 1 : 2);
    let end = bytes.length;
    if ((header & 2) !== 0) {
      const size = leb128(bytes, start);
      start = size.end;
      end = start + size.value;
    }
    if (end > bytes.length || start > end) throw new MediaError("truncated", "inside an AV1 unit");
    yield {
      type: (header >> 3) & 15,
      bytes: bytes.subarray(at, end),
      payload: bytes.subarray(start, end),
    };
    at = end;
  }
}

function leb128(bytes: Uint8Array, from: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, end: from + i + 1 };
  }
  throw new MediaError("truncated", "inside the size of an AV1 unit");
}

/** AV1 bitstream, 5.5. */
function parseSequenceHeader(payload: Uint8Array) {
  const bits = new BitReader(payload, "an AV1 sequence header");
  const profile = bits.u(3);
  bits.skip(1); // still_picture
  const isReduced = bits.flag();
  const { level, tier } = isReduced ? { level: bits.u(5), tier: 0 } : operatingPoint(bits);
  const [widthBits, heightBits] = [bits.u(4) + 1, bits.u(4) + 1];
  const [width, height] = [bits.u(widthBits) + 1, bits.u(heightBits) + 1];
  if (!isReduced && bits.flag()) bits.skip(7); // frame ids
  bits.skip(3); // superblock size, filter intra, intra edge
  if (!isReduced) skipTools(bits);
  bits.skip(3); // superres, cdef, restoration
  return { profile, level, tier, width, height, ...colorConfig(bits, profile) };
}

/** The first one: the whole stream, where there are several layers. */
function operatingPoint(bits: BitReader): { level: number; tier: number } {
  let delayBits: number | undefined;
  const hasTiming = bits.flag();
  if (hasTiming) {
    bits.skip(64);
    if (bits.flag()) bits.ue();
    if (bits.flag()) {
      delayBits = bits.u(5) + 1;
      bits.skip(42);
    }
  }
  const hasDelay = bits.flag();
  const points = Array.from({ length: bits.u(5) + 1 }, () => {
    bits.skip(12);
    const level = bits.u(5);
    const tier = level > 7 ? bits.u(1) : 0;
    if (delayBits !== undefined && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasDelay && bits.flag()) bits.skip(4);
    return { level, tier };
  });
  return points[0] ?? { level: 0, tier: 0 };
}

function skipTools(bits: BitReader): void {
  bits.skip(4); // inter-intra, masked compound, warped motion, dual filter
  const hasOrderHint = bits.flag();
  if (hasOrderHint) bits.skip(2);
  const choosesTools = bits.flag();
  const hasScreenTools = choosesTools || bits.flag();
  if (hasScreenTools && !bits.flag()) bits.skip(1); // integer motion vectors
  if (hasOrderHint) bits.skip(3);
}

function colorConfig(bits: BitReader, profile: number) {
  const isHighBitDepth = bits.flag();
  const isTwelveBit = profile === 2 && isHighBitDepth && bits.flag();
  const isMonochrome = profile !== 1 && bits.flag();
  const depth = { isHighBitDepth, isTwelveBit, isMonochrome };
  const color = bits.flag() ? [bits.u(8), bits.u(8), bits.u(8)] : [2, 2, 2];
  if (isMonochrome) return { ...depth, subsamplingX: 1, subsamplingY: 1, samplePosition: 0 };
  if (color.join() === "1,13,0") {
    return { ...depth, subsamplingX: 0, subsamplingY: 0, samplePosition: 0 };
  }
  bits.skip(1); // color_range
  let [subsamplingX, subsamplingY] = profile === 0 ? [1, 1] : profile === 1 ? [0, 0] : [1, 0];
  if (profile === 2 && isTwelveBit) {
    subsamplingX = bits.u(1);
    subsamplingY = subsamplingX === 1 ? bits.u(1) : 0;
  }
  const samplePosition = subsamplingX === 1 && subsamplingY === 1 ? bits.u(2) : 0;
  return { ...depth, subsamplingX, subsamplingY, samplePosition };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
