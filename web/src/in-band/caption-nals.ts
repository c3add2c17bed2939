import { captionsIn, readChunk, seiMessages, withoutEmulationPrevention } from "#media";
import type { CaptionedCodec } from "./captioned-codec.ts";

const LENGTH_BYTES = 4;

type NalCodec = {
  headerBytes: number;
  /** By the first byte of its header. */
  typeOf(first: number): number;
  isSlice(type: number): boolean;
  /** The type of SEI units that stand before the slices. */
  sei: number;
};

/** Where NAL units of each codec say what they are. */
const CODECS: Record<CaptionedCodec, NalCodec> = {
  avc1: {
    headerBytes: 1,
    typeOf: (first) => first & 31,
    isSlice: (type) => type >= 1 && type <= 5,
    sei: 6,
  },
  hvc1: {
    headerBytes: 2,
    typeOf: (first) => (first >> 1) & 63,
    isSlice: (type) => type <= 31,
    sei: 39,
  },
};

/** A SEI unit with captions, without its header, and when its picture is shown. */
export type CaptionUnit = { ptsTicks: number; payload: Uint8Array };

/**
 * The captions in the pictures of one chunk, and the time that no later chunk goes back
 * behind. Pictures come in decode order, captions are meant in the order of showing.
 * @throws {MediaError} When the chunk cannot be read.
 */
export function captionUnits(
  chunk: Uint8Array,
  codec: CaptionedCodec,
): { units: CaptionUnit[]; untilTicks: number } {
  const { headerBytes } = CODECS[codec];
  const { samples, decodeTimeTicks } = readChunk(chunk);
  const units: CaptionUnit[] = [];
  let ticks = decodeTimeTicks;
  for (const { bytes, compositionOffsetTicks, durationTicks } of samples) {
    for (const nal of seiUnits(bytes, codec)) {
      const plain = withoutEmulationPrevention(nal);
      const hasCaptions = [...seiMessages(plain, headerBytes)].some((message) =>
        captionsIn(message),
      );
      if (!hasCaptions) continue;
      units.push({
        ptsTicks: ticks + compositionOffsetTicks,
        payload: plain.subarray(headerBytes),
      });
    }
    ticks += durationTicks;
  }
  return { units, untilTicks: ticks };
}

/** They stand before the slices: the first slice ends the search. */
function* seiUnits(sample: Uint8Array, codec: CaptionedCodec): Iterable<Uint8Array> {
  const { typeOf, isSlice, sei } = CODECS[codec];
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  for (let at = 0; at + LENGTH_BYTES < sample.length; ) {
    const sizeBytes = view.getUint32(at);
    const nal = sample.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + sizeBytes);
    const type = typeOf(nal[0] ?? 0);
    if (isSlice(type)) return;
    if (type === sei) yield nal;
    at += LENGTH_BYTES + sizeBytes;
  }
}
