import { captionsIn, readChunk, seiMessages, withoutEmulationPrevention } from "#media";

const NAL_SEI = 6;
const LENGTH_BYTES = 4;

/** A SEI unit with captions, without its header, and when its picture is shown. */
export type CaptionUnit = { ptsTicks: number; payload: Uint8Array };

/**
 * The captions in the H.264 pictures of one chunk, and the time that no later chunk goes back
 * behind. Pictures come in decode order, captions are meant in the order of showing.
 * @throws {MediaError} When the chunk cannot be read.
 */
export function captionUnits(chunk: Uint8Array): { units: CaptionUnit[]; untilTicks: number } {
  const { samples, decodeTimeTicks } = readChunk(chunk);
  const units: CaptionUnit[] = [];
  let ticks = decodeTimeTicks;
  for (const { bytes, compositionOffsetTicks, durationTicks } of samples) {
    for (const nal of seiUnits(bytes)) {
      const plain = withoutEmulationPrevention(nal);
      const hasCaptions = [...seiMessages(plain)].some((message) => captionsIn(message));
      if (!hasCaptions) continue;
      units.push({ ptsTicks: ticks + compositionOffsetTicks, payload: plain.subarray(1) });
    }
    ticks += durationTicks;
  }
  return { units, untilTicks: ticks };
}

/** They stand before the slices: the first slice ends the search. */
function* seiUnits(sample: Uint8Array): Iterable<Uint8Array> {
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  for (let at = 0; at + LENGTH_BYTES < sample.length; ) {
    const sizeBytes = view.getUint32(at);
    const nal = sample.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + sizeBytes);
    const type = (nal[0] ?? 0) & 31;
    if (type >= 1 && type <= 5) return;
    if (type === NAL_SEI) yield nal;
    at += LENGTH_BYTES + sizeBytes;
  }
}
