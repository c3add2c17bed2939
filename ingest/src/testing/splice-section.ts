import { crc32 } from "../packager/psi.ts";

export type MadeSplice = {
  ptsTicks: number;
  breakId?: number;
  /** Out of the program for so long, in ticks; without, back into it. */
  breakTicks?: number;
};

/** A `splice_insert` at a time (ANSI/SCTE 35, 9.7.3). */
export function spliceInsert({ ptsTicks, breakId = 7, breakTicks }: MadeSplice): Buffer {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(breakId);
  const isOut = breakTicks !== undefined;
  const flags = Buffer.of(0x7f, isOut ? 0xef : 0x4f);
  const length = isOut ? [time33(breakTicks)] : [];
  const end = Buffer.of(0, 1, 0, 0);
  return section(5, Buffer.concat([id, flags, time33(ptsTicks), ...length, end]));
}

/** A `time_signal` (9.7.4), without descriptors. */
export function timeSignal(ptsTicks: number): Buffer {
  return section(6, time33(ptsTicks));
}

/** A flag, six reserved bits and 33 bits of time. */
function time33(ticks: number): Buffer {
  const time = Buffer.alloc(5);
  time[0] = 0xfe | Math.floor(ticks / 2 ** 32);
  time.writeUInt32BE(ticks % 2 ** 32, 1);
  return time;
}

function section(type: number, command: Buffer): Buffer {
  const head = Buffer.of(0, 0, 0, 0, 0, 0, 0, 0xff, 0xf0, command.length, type);
  const rest = Buffer.concat([head, command, Buffer.of(0, 0)]);
  const length = rest.length + 4;
  return withChecksum(Buffer.concat([Buffer.of(0xfc, 0x30 | (length >> 8), length), rest]));
}

export function withChecksum(body: Buffer): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([body, checksum]);
}
