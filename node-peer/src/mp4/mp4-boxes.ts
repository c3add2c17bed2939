import { MediaError, readBoxes } from "#media";

/** Where a box begins in `bytes`, and its payload. */
export type FoundBox = { start: number; size: number; body: Uint8Array };

/** Follow a path of box types. @throws {MediaError} `missing-box` */
export function findInside(bytes: Uint8Array, ...path: string[]): FoundBox {
  let found: FoundBox = { start: 0, size: bytes.length, body: bytes };
  for (const type of path) {
    const inside = readBoxes(found.body).find((candidate) => candidate.type === type);
    if (inside === undefined) throw new MediaError("missing-box", path.join("/"));
    found = inside;
  }
  return found;
}

export function setU32(bytes: Uint8Array, at: number, value: number): void {
  if (at + 4 > bytes.length) throw new MediaError("truncated", "a field of a box");
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value);
}
