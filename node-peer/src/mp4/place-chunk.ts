import { MediaError } from "#media";
import type { MediaChunk } from "../restream/media-chunk.ts";
import { findInside, setU32 } from "./mp4-boxes.ts";

/**
 * A copy of a chunk's `moof` + `mdat` that belongs to the merged file: with its track's id, its own
 * number, and its time on the output's time line.
 * @throws {MediaError} When the boxes are not as they should be.
 */
export function placeChunk(chunk: MediaChunk, trackId: number, sequence: number): Uint8Array {
  const bytes = chunk.bytes.slice();
  const moof = findInside(bytes, "moof").body;
  setU32(findInside(moof, "mfhd").body, 4, sequence);
  setU32(findInside(moof, "traf", "tfhd").body, 4, trackId);
  const tfdt = findInside(moof, "traf", "tfdt").body;
  const ticks = Math.max(0, Math.round((chunk.startMs * chunk.track.timescale) / 1000));
  if (tfdt[0] === 1) {
    setU32(tfdt, 4, Math.floor(ticks / 2 ** 32));
    setU32(tfdt, 8, ticks % 2 ** 32);
  } else {
    if (ticks >= 2 ** 32) throw new MediaError("unsupported", "tfdt: 32 bits are used up");
    setU32(tfdt, 4, ticks);
  }
  return bytes;
}
