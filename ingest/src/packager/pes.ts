import type { TsPacket } from "./ts-packets.ts";

/** One packetized elementary stream unit: for video one picture, for audio some frames. */
export type PesUnit = {
  /** 90 kHz, 33 bits, as sent. */
  pts: number;
  dts: number;
  /** False when it had no time stamp: the times are those of the unit before. */
  isStamped: boolean;
  /** Decode time of the unit after this one, where it is known already. */
  nextDts: number | undefined;
  /** Packets of it were lost: what follows the hole is missing. */
  isDamaged: boolean;
  data: Uint8Array;
  /** Wall clock when its first packet came. */
  arrivedAtMs: number;
};

type OpenUnit = {
  pts: number;
  dts: number;
  isStamped: boolean;
  isDamaged: boolean;
  parts: Uint8Array[];
  sizeBytes: number;
  /** Data bytes by its header; undefined when the header leaves it open, as video does. */
  expectedBytes: number | undefined;
  arrivedAtMs: number;
};

/** A unit beyond this never ends by itself: the rest is dropped. Ten seconds of 10 Mbit/s. */
const MAX_UNIT_BYTES = 12 * 1024 * 1024;

/** Puts the units of one PID together. */
export class PesAssembler {
  #open: OpenUnit | undefined;
  #lastCounter: number | undefined;
  #lastTimes: { pts: number; dts: number } | undefined;
  /** Units thrown away because they never ended, and packets found missing. */
  lostPackets = 0;
  oversizedUnits = 0;

  push(packet: TsPacket, nowMs: number, onUnit: (unit: PesUnit) => void): void {
    if (packet.payload.length === 0) return;
    if (this.#isRepeated(packet)) return;
    if (packet.isUnitStart) {
      const next = readHeader(packet, nowMs, this.#lastTimes);
      this.#close(onUnit, next?.isStamped === true ? next.dts : undefined);
      this.#open = next;
      if (next !== undefined) this.#lastTimes = { pts: next.pts, dts: next.dts };
    } else if (this.#open !== undefined) {
      this.#open.parts.push(packet.payload);
      this.#open.sizeBytes += packet.payload.length;
      this.#open.isDamaged ||= packet.isDamaged;
    }
    const open = this.#open;
    if (open === undefined) return;
    if (open.sizeBytes > MAX_UNIT_BYTES) {
      this.oversizedUnits++;
      this.#open = undefined;
    } else if (open.expectedBytes !== undefined && open.sizeBytes >= open.expectedBytes) {
      this.#close(onUnit, undefined);
    }
  }

  /** The input ended: what is there is all there is. */
  flush(onUnit: (unit: PesUnit) => void): void {
    this.#close(onUnit, undefined);
    this.#lastCounter = undefined;
    this.#lastTimes = undefined;
  }

  /** A packet may be sent twice (2.4.3.3); a hole in the counter damages the open unit. */
  #isRepeated({ continuityCounter, isCounterJump }: TsPacket): boolean {
    const last = this.#lastCounter;
    this.#lastCounter = continuityCounter;
    if (last === undefined || isCounterJump) return false;
    if (continuityCounter === last) return true;
    const missing = (continuityCounter - last - 1) & 0x0f;
    if (missing > 0) {
      this.lostPackets += missing;
      if (this.#open !== undefined) this.#open.isDamaged = true;
    }
    return false;
  }

  #close(onUnit: (unit: PesUnit) => void, nextDts: number | undefined): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.sizeBytes === 0) return;
    const { pts, dts, isStamped, isDamaged, parts, sizeBytes, expectedBytes, arrivedAtMs } = open;
    const data = new Uint8Array(sizeBytes);
    let at = 0;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    const isShort = expectedBytes !== undefined && sizeBytes < expectedBytes;
    onUnit({
      pts,
      dts,
      isStamped,
      nextDts,
      isDamaged: isDamaged || isShort,
      data: expectedBytes === undefined ? data : data.subarray(0, expectedBytes),
      arrivedAtMs,
    });
  }
}

/**
 * The header of ISO/IEC 13818-1, 2.4.3.6. A unit may come without a time stamp (2.7.4 asks for one
 * every 0.7 s); then it gets the one of the unit before, and is undefined if there was none.
 */
function readHeader(
  { payload, isDamaged }: TsPacket,
  nowMs: number,
  before: { pts: number; dts: number } | undefined,
): OpenUnit | undefined {
  const hasStartCode = payload[0] === 0 && payload[1] === 0 && payload[2] === 1;
  const flags = payload[7] ?? 0;
  const headerLength = payload[8] ?? 0;
  const dataStart = 9 + headerLength;
  const hasPts = (flags & 0x80) !== 0 && headerLength >= 5;
  if (!hasStartCode || payload.length < dataStart) return undefined;
  const hasDts = hasPts && (flags & 0x40) !== 0 && headerLength >= 10;
  const pts = hasPts ? readTimestamp(payload, 9) : before?.pts;
  const dts = hasDts ? readTimestamp(payload, 14) : hasPts ? pts : before?.dts;
  if (pts === undefined || dts === undefined) return undefined;
  const packetLength = ((payload[4] ?? 0) << 8) | (payload[5] ?? 0);
  const data = payload.subarray(dataStart);
  return {
    pts,
    dts,
    isStamped: hasPts,
    isDamaged,
    parts: [data],
    sizeBytes: data.length,
    expectedBytes: packetLength === 0 ? undefined : Math.max(0, packetLength - 3 - headerLength),
    arrivedAtMs: nowMs,
  };
}

function readTimestamp(bytes: Uint8Array, at: number): number {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0] = bytes.subarray(at, at + 5);
  return ((b0 >> 1) & 7) * 2 ** 30 + (b1 << 22) + ((b2 >> 1) << 15) + (b3 << 7) + (b4 >> 1);
}
