/** An elementary stream as the program map names it (ISO/IEC 13818-1, table 2-34). */
export type ElementaryStream = {
  pid: number;
  streamType: number;
  /** Descriptors, one after another. */
  descriptors: readonly number[];
};

export const PAT_PID = 0;
export const PMT_PID = 0x1000;
const PROGRAM_NUMBER = 1;
const TRANSPORT_STREAM_ID = 1;

/** Program association section: one program (section 2.4.4.3). */
export function patSection(): Uint8Array {
  return section(0, TRANSPORT_STREAM_ID, 0, [...u16(PROGRAM_NUMBER), ...u16(0xe000 | PMT_PID)]);
}

/** Program map section (2.4.4.8). @param version Rises, modulo 32, when the streams change. */
export function pmtSection(
  streams: readonly ElementaryStream[],
  pcrPid: number,
  version: number,
): Uint8Array {
  const entries = streams.flatMap(({ pid, streamType, descriptors }) => [
    streamType,
    ...u16(0xe000 | pid),
    ...u16(0xf000 | descriptors.length),
    ...descriptors,
  ]);
  return section(2, PROGRAM_NUMBER, version, [...u16(0xe000 | pcrPid), ...u16(0xf000), ...entries]);
}

function section(tableId: number, id: number, version: number, body: number[]): Uint8Array {
  const lengthBytes = 5 + body.length + 4;
  const versionByte = 0xc1 | ((version % 32) << 1); // current
  const head = [tableId, ...u16(0xb000 | lengthBytes), ...u16(id), versionByte, 0, 0, ...body];
  const crc = crc32(head);
  return Uint8Array.from([...head, ...u16(crc >>> 16), ...u16(crc & 0xffff)]);
}

function u16(value: number): number[] {
  return [(value >> 8) & 255, value & 255];
}

/** The one of ISO/IEC 13818-1, annex A: not reflected, nothing inverted at the end. */
function crc32(bytes: readonly number[]): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
