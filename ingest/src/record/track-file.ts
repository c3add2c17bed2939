import { type Box, box, findBox, MediaError, readBoxes } from "#media";

/** A track as it stands in a file of several. */
export type FileTrack = { initSegment: Uint8Array; trackId: number };

/** `ftyp` + `moov` of a fragmented file with these tracks, from the init segment of each. */
export function joinInitSegments(tracks: readonly FileTrack[]): Uint8Array {
  const [first] = tracks;
  if (first === undefined) throw new RangeError("a file has at least one track");
  const ftyp = readBoxes(first.initSegment).find(({ type }) => type === "ftyp");
  const mvhd = findBox(first.initSegment, "moov", "mvhd").slice();
  // next_track_ID is the last field.
  setU32(mvhd, mvhd.length - 4, tracks.length + 1);
  const moov = box(
    "moov",
    box("mvhd", mvhd),
    ...tracks.map(({ initSegment, trackId }) => trak(initSegment, trackId)),
    box("mvex", ...tracks.map(({ initSegment, trackId }) => trex(initSegment, trackId))),
  );
  return Buffer.concat([box("ftyp", ftyp?.body ?? []), moov]);
}

function trak(initSegment: Uint8Array, trackId: number): Uint8Array {
  const boxes = readBoxes(findBox(initSegment, "moov", "trak"));
  return box(
    "trak",
    ...boxes.map((each) => (each.type === "tkhd" ? tkhd(each, trackId) : copy(each))),
  );
}

function tkhd({ body }: Box, trackId: number): Uint8Array {
  const bytes = body.slice();
  // Behind version and flags, and two times of 4 or 8 bytes (ISO/IEC 14496-12, 8.3.2).
  setU32(bytes, bytes[0] === 1 ? 20 : 12, trackId);
  return box("tkhd", bytes);
}

function trex(initSegment: Uint8Array, trackId: number): Uint8Array {
  const bytes = findBox(initSegment, "moov", "mvex", "trex").slice();
  setU32(bytes, 4, trackId);
  return box("trex", bytes);
}

function copy({ type, body }: Box): Uint8Array {
  return box(type, body);
}

export type Placement = {
  trackId: number;
  /** Of the fragment in its file, from 1. */
  sequence: number;
  /** What is taken off the decode time, so that the file begins at 0; in ticks of the track. */
  minusTicks: number;
};

/**
 * The chunk for another place: number, track and decode time changed, nothing moved.
 * @throws {MediaError} When it is no chunk.
 */
export function placeChunk(chunk: Uint8Array, { trackId, sequence, minusTicks }: Placement) {
  const bytes = Uint8Array.from(chunk);
  setU32(findBox(bytes, "moof", "mfhd"), 4, sequence);
  setU32(findBox(bytes, "moof", "traf", "tfhd"), 4, trackId);
  const tfdt = findBox(bytes, "moof", "traf", "tfdt");
  const view = viewOf(tfdt);
  if (tfdt[0] === 1) view.setBigUint64(4, view.getBigUint64(4) - BigInt(minusTicks));
  else view.setUint32(4, view.getUint32(4) - minusTicks);
  return bytes;
}

/** @throws {MediaError} When the box ends before. */
function setU32(body: Uint8Array, at: number, value: number): void {
  if (body.length < at + 4) throw new MediaError("truncated", `a box of ${body.length} bytes`);
  viewOf(body).setUint32(at, value);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
