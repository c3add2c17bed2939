import { box } from "#media";
import type { MediaTrack } from "../restream/media-chunk.ts";
import { findInside, setU32 } from "./mp4-boxes.ts";

/** Where the track id stands in a version 0 or 1 `tkhd`, from the start of its body. */
const TKHD_TRACK_ID = { 0: 12, 1: 20 } as const;

/**
 * One `ftyp` + `moov` for tracks that each have their own: track ids are numbered from 1.
 * @throws {MediaError} When one of the init segments is none.
 */
export function mergeInits(tracks: readonly MediaTrack[]): Uint8Array {
  const inits = tracks.map(({ init }, index) => numbered(init, index + 1));
  const [first] = inits;
  if (first === undefined) throw new RangeError("a file has at least one track");
  const mvhd = findInside(first, "moov", "mvhd").body;
  setU32(mvhd, mvhd.length - 4, tracks.length + 1); // next_track_ID
  const moov = box(
    "moov",
    box("mvhd", mvhd),
    ...inits.map((init) => box("trak", findInside(init, "moov", "trak").body)),
    box("mvex", ...inits.map((init) => box("trex", findInside(init, "moov", "mvex", "trex").body))),
  );
  return Buffer.concat([box("ftyp", findInside(first, "ftyp").body), moov]);
}

/** A copy in which the one track has this id. */
function numbered(init: Uint8Array, id: number): Uint8Array {
  const copy = init.slice();
  const tkhd = findInside(copy, "moov", "trak", "tkhd").body;
  setU32(tkhd, TKHD_TRACK_ID[tkhd[0] === 1 ? 1 : 0], id);
  setU32(findInside(copy, "moov", "mvex", "trex").body, 4, id);
  return copy;
}
