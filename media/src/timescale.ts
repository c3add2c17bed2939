import { FieldReader, findBox } from "./box-reader.ts";
import { MediaError } from "./media-error.ts";

/** What an init segment says of its one track's media. @throws {MediaError} `missing-box` */
export function findMedia(init: Uint8Array): Uint8Array {
  return findBox(init, "moov", "trak", "mdia");
}

/**
 * Ticks per second of the one track of an init segment: all that a player has to know of it.
 * @throws {MediaError} When it is no init segment.
 */
export function readTimescale(init: Uint8Array): number {
  const fields = new FieldReader(findBox(findMedia(init), "mdhd"), "mdhd");
  const version = fields.u8();
  const timescale = fields.skip(3 + (version === 1 ? 16 : 8)).u32();
  if (timescale === 0) throw new MediaError("bad-box", "mdhd: a timescale of 0");
  return timescale;
}
