/** Types of the boxes that ISO base media files and streams begin with. */
const BOXES = ["ftyp", "styp", "moov", "mdat", "free", "wide"];
const BOX_TYPE_AT = 4;
const EBML = [0x1a, 0x45, 0xdf, 0xa3];

/** So many bytes tell. */
export const CONTAINER_HEAD_BYTES = 8;

/** MP4 and QuickTime, or Matroska and WebM, by the first bytes; undefined for all else. */
export function containerKind(head: Uint8Array): "MP4" | "Matroska" | undefined {
  if (EBML.every((byte, at) => head[at] === byte)) return "Matroska";
  const type = String.fromCharCode(...head.subarray(BOX_TYPE_AT, BOX_TYPE_AT + 4));
  return BOXES.includes(type) ? "MP4" : undefined;
}
