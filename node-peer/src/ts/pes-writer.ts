import { wrapTicks } from "./ts-packet-writer.ts";

export const VIDEO_STREAM_ID = 0xe0;
export const AUDIO_STREAM_ID = 0xc0;
/** For audio that MPEG did not define (ISO/IEC 13818-1, table 2-22: private_stream_1). */
export const PRIVATE_STREAM_ID = 0xbd;

export type PesUnit = {
  streamId: number;
  /** In ticks of 90 kHz, of any size. */
  ptsTicks: number;
  dtsTicks: number;
  /** The coded frame, in pieces. */
  parts: readonly Uint8Array[];
};

/** One frame as a packetized elementary stream packet (ISO/IEC 13818-1, 2.4.3.6). */
export function writePes({ streamId, ptsTicks, dtsTicks, parts }: PesUnit): Uint8Array {
  const [pts, dts] = [wrapTicks(ptsTicks), wrapTicks(dtsTicks)];
  const times = pts === dts ? stamp(2, pts) : [...stamp(3, pts), ...stamp(1, dts)];
  const payloadBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const restBytes = 3 + times.length + payloadBytes;
  // Only video may leave its length open, and has to where it does not fit.
  const lengthBytes = streamId === VIDEO_STREAM_ID ? 0 : restBytes;
  const pes = new Uint8Array(6 + restBytes);
  pes.set([0, 0, 1, streamId, lengthBytes >> 8, lengthBytes & 255]);
  pes.set([0x84, pts === dts ? 0x80 : 0xc0, times.length, ...times], 6);
  let at = 9 + times.length;
  for (const part of parts) {
    pes.set(part, at);
    at += part.length;
  }
  return pes;
}

function stamp(prefix: number, ticks: number): number[] {
  const bits = (shift: number, count: number) => Math.floor(ticks / 2 ** shift) % 2 ** count;
  return [
    (prefix << 4) | (bits(30, 3) << 1) | 1,
    bits(22, 8),
    (bits(15, 7) << 1) | 1,
    bits(7, 8),
    (bits(0, 7) << 1) | 1,
  ];
}
