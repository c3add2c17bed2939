/** Bytes, or numbers that are bytes. */
export type BoxPart = Uint8Array | readonly number[];

/** One ISO BMFF box (ISO/IEC 14496-12, section 4.2): size, type, contents. */
export function box(type: string, ...parts: BoxPart[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  const bytes = new Uint8Array(size);
  bytes.set(u32(size));
  bytes.set(fourCc(type), 4);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A box with version and flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...parts: BoxPart[]
): Uint8Array {
  return box(type, [version, (flags >> 16) & 255, (flags >> 8) & 255, flags & 255], ...parts);
}

export function u16(...values: number[]): number[] {
  const bytes: number[] = [];
  for (const value of values) bytes.push((value >> 8) & 255, value & 255);
  return bytes;
}

/** Signed values come out as two's complement. */
export function u32(...values: number[]): number[] {
  const bytes: number[] = [];
  for (const value of values) {
    bytes.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  }
  return bytes;
}

/** Up to 2^53, which at 90 kHz is three thousand years. */
export function u64(value: number): number[] {
  return [...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)];
}

export function ascii(text: string): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) bytes.push(text.charCodeAt(i));
  return bytes;
}

function fourCc(type: string): number[] {
  if (type.length !== 4) throw new TypeError(`a box type has four characters, got "${type}"`);
  return ascii(type);
}

export function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}
