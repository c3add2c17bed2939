import type { TsPacket } from "./ts-packets.ts";

/** A table section is at most this long (ISO/IEC 13818-1, 2.4.4). */
const MAX_SECTION_BYTES = 1024;
/** Tag of descriptors whose tag proper comes behind it. */
const EXTENSION = 0x7f;

export type ElementaryStream = {
  pid: number;
  streamType: number;
  /** What says more about it, by tag; the last of a kind. */
  descriptors: ReadonlyMap<number, Uint8Array>;
};

/** Collects the sections of one table's PID; only sections with a right checksum come out. */
export class SectionReader {
  #bytes: number[] | undefined;
  readonly #keepsChecksum: boolean;

  /** @param keepsChecksum Sections that go on as they are need it. */
  constructor({ keepsChecksum = false }: { keepsChecksum?: boolean } = {}) {
    this.#keepsChecksum = keepsChecksum;
  }

  /** @returns The section this packet completes, without its checksum unless that is kept. */
  push(packet: TsPacket): Uint8Array | undefined {
    if (packet.isDamaged) {
      this.#bytes = undefined;
      return undefined;
    }
    if (packet.isUnitStart) {
      const pointer = packet.payload[0] ?? 0;
      this.#bytes = [...packet.payload.subarray(1 + pointer)];
    } else {
      this.#bytes?.push(...packet.payload);
    }
    const bytes = this.#bytes;
    if (bytes === undefined || bytes.length < 3) return undefined;
    const length = 3 + (((bytes[1] ?? 0) & 0x0f) << 8) + (bytes[2] ?? 0);
    if (length > MAX_SECTION_BYTES) this.#bytes = undefined;
    if (length > MAX_SECTION_BYTES || bytes.length < length) return undefined;
    this.#bytes = undefined;
    const section = Uint8Array.from(bytes.slice(0, length));
    if (crc32(section) !== 0) return undefined;
    return this.#keepsChecksum ? section : section.subarray(0, length - 4);
  }
}

/** PID of the first program's map table; undefined when the section is no such table. */
export function readProgramMapPid(section: Uint8Array): number | undefined {
  if (section[0] !== 0) return undefined;
  for (let at = 8; at + 4 <= section.length; at += 4) {
    const program = u16(section, at);
    if (program !== 0) return u16(section, at + 2) & 0x1fff;
  }
  return undefined;
}

/** The elementary streams of a program map table; undefined when the section is no such table. */
export function readProgramMap(section: Uint8Array): ElementaryStream[] | undefined {
  if (section[0] !== 2 || section.length < 12) return undefined;
  const streams: ElementaryStream[] = [];
  let at = 12 + (u16(section, 10) & 0x0fff);
  while (at + 5 <= section.length) {
    const end = at + 5 + (u16(section, at + 3) & 0x0fff);
    streams.push({
      streamType: section[at] ?? 0,
      pid: u16(section, at + 1) & 0x1fff,
      descriptors: readDescriptors(section.subarray(at + 5, end)),
    });
    at = end;
  }
  return streams;
}

/** Descriptors by tag (ISO/IEC 13818-1, 2.6). */
function readDescriptors(bytes: Uint8Array): Map<number, Uint8Array> {
  const descriptors = new Map<number, Uint8Array>();
  for (let at = 0; at + 2 <= bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
    const body = bytes.slice(at + 2, at + 2 + (bytes[at + 1] ?? 0));
    // Extensions have their own tag behind the common one (2.6.90).
    const tag = bytes[at] ?? 0;
    descriptors.set(tag === EXTENSION ? EXTENSION * 256 + (body[0] ?? 0) : tag, body);
  }
  return descriptors;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** CRC-32/MPEG-2 (ISO/IEC 13818-1, annex A); zero over a section that includes its checksum. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x80000000) !== 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
