import { readFileSync, writeFileSync } from "node:fs";

/** One pair of CEA-608 for each picture; two zeros where there is nothing to say. */
export type Pair = readonly [number, number];

const NOTHING: Pair = [0, 0];
/** Channel 1 of field 1. Codes are sent twice, so that one may be lost. */
const RESUME_LOADING: Pair = [0x14, 0x20];
const ERASE_HIDDEN: Pair = [0x14, 0x2e];
const ERASE_SHOWN: Pair = [0x14, 0x2c];
const SHOW_LOADED: Pair = [0x14, 0x2f];
const ROLL_UP_TWO: Pair = [0x14, 0x25];
const CARRIAGE_RETURN: Pair = [0x14, 0x2d];
const BOTTOM_ROW: Pair = [0x14, 0x70];

const twice = (...codes: Pair[]) => codes.flatMap((code) => [code, code]);

/** What follows on the same line. */
export function letters(text: string): Pair[] {
  const codes = [...text].map((letter) => letter.charCodeAt(0));
  return Array.from({ length: Math.ceil(codes.length / 2) }, (_, at) => {
    return [codes[2 * at] ?? 0, codes[2 * at + 1] ?? 0] as const;
  });
}

/** Loaded unseen, then on screen at once. */
export function popOn(text: string): Pair[] {
  const load = twice(RESUME_LOADING, ERASE_HIDDEN, BOTTOM_ROW);
  return [...load, ...letters(text), ...twice(SHOW_LOADED)];
}

/** Letter by letter, as spoken. */
export function rollUp(text: string): Pair[] {
  return [...twice(ROLL_UP_TWO, CARRIAGE_RETURN, BOTTOM_ROW), ...letters(text)];
}

export function erase(): Pair[] {
  return twice(ERASE_SHOWN);
}

/** What is said at which picture. */
export function script(parts: Readonly<Record<number, Pair[]>>): (picture: number) => Pair {
  const pairs = new Map<number, Pair>();
  for (const [start, part] of Object.entries(parts)) {
    for (const [index, pair] of part.entries()) pairs.set(Number(start) + index, pair);
  }
  return (picture) => pairs.get(picture) ?? NOTHING;
}

/** Put captions into raw H.264 without B-frames, one slice a picture: before each slice a SEI unit. */
export function writeCaptions(path: string, pairAt: (picture: number) => Pair): void {
  const stream = readFileSync(path);
  const parts: Buffer[] = [];
  let picture = 0;
  for (const nal of nalUnits(stream)) {
    const type = (nal[0] ?? 0) & 31;
    if (type === 1 || type === 5) parts.push(START_CODE, captionSei(pairAt(picture++)));
    parts.push(START_CODE, nal);
  }
  writeFileSync(path, Buffer.concat(parts));
}

const START_CODE = Buffer.of(0, 0, 0, 1);

/** ANSI/SCTE 128-1, 8.1, in ITU-T T.35 user data of one SEI message. */
function captionSei([first, second]: Pair): Buffer {
  const ccData = [0xc1, 0xff, 0xfc, odd(first), odd(second), 0xff];
  const payload = [0xb5, 0x00, 0x31, ...Buffer.from("GA94"), 0x03, ...ccData];
  return Buffer.of(0x06, 0x04, payload.length, ...payload, 0x80);
}

/** The eighth bit makes the count of ones odd. */
function odd(byte: number): number {
  const ones = byte.toString(2).replaceAll("0", "").length;
  return ones % 2 === 1 ? byte : byte | 0x80;
}

function* nalUnits(stream: Buffer): Iterable<Buffer> {
  let start = stream.indexOf(START_CODE.subarray(1));
  while (start >= 0) {
    const next = stream.indexOf(START_CODE.subarray(1), start + 3);
    let end = next < 0 ? stream.length : next;
    while (stream[end - 1] === 0) end--;
    yield stream.subarray(start + 3, end);
    start = next;
  }
}
