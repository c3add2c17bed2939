import { MediaError } from "./media-error.ts";

/** One box as found: `body` is a view after size and type. */
export type Box = { type: string; body: Uint8Array; start: number; size: number };

/** Boxes of one level that a file may hold: bounds what garbage can make us list. */
const MAX_BOXES = 1000;

/** The boxes that lie side by side in `bytes`. @throws {MediaError} `truncated` or `bad-box`. */
export function readBoxes(bytes: Uint8Array): Box[] {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  let start = 0;
  while (start < bytes.length) {
    if (boxes.length >= MAX_BOXES) throw new MediaError("bad-box", `more than ${MAX_BOXES} boxes`);
    if (bytes.length - start < 8) throw new MediaError("truncated", "a box header");
    const type = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    const { size, headerBytes } = sizeOf(view, start, bytes.length, type);
    boxes.push({ type, body: bytes.subarray(start + headerBytes, start + size), start, size });
    start += size;
  }
  return boxes;
}

/** Follow a path of box types. @throws {MediaError} `missing-box`, naming the path. */
export function findBox(bytes: Uint8Array, ...path: string[]): Uint8Array {
  let body = bytes;
  for (const type of path) {
    const found = readBoxes(body).find((candidate) => candidate.type === type);
    if (found === undefined) throw new MediaError("missing-box", path.join("/"));
    body = found.body;
  }
  return body;
}

/** Reads the fields of one box, never past its end. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #type: string;
  #at = 0;

  constructor(body: Uint8Array, type: string) {
    this.#bytes = body;
    this.#view = viewOf(body);
    this.#type = type;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u24(): number {
    return this.u8() * 65536 + this.u16();
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  u64(): number {
    return this.u32() * 2 ** 32 + this.u32();
  }

  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  skip(length: number): this {
    this.#advance(length);
    return this;
  }

  #advance(length: number): number {
    if (this.remaining < length) throw new MediaError("truncated", `inside ${this.#type}`);
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

function sizeOf(view: DataView, start: number, end: number, type: string) {
  let size = view.getUint32(start);
  let headerBytes = 8;
  if (size === 1) {
    if (end - start < 16) throw new MediaError("truncated", "a box header");
    size = view.getUint32(start + 8) * 2 ** 32 + view.getUint32(start + 12);
    headerBytes = 16;
  } else if (size === 0) {
    size = end - start;
  }
  if (size < headerBytes) throw new MediaError("bad-box", `${type} of ${size} bytes`);
  if (size > end - start) {
    throw new MediaError("truncated", `${type} of ${size} bytes, ${end - start} there`);
  }
  return { size, headerBytes };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
