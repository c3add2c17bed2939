import type { TsPacket } from "./ts-packets.ts";

/** One packetized elementary stream unit: for video one picture, for audio some frames. */
export type PesUnit = {
  /** 90 kHz, 33 bits, as sent. */
  pts: number;
  dts: number;
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
  /** Units thrown away because they never ended, and packets found missing. */
  lostPackets = 0;
  oversizedUnits = 0;

  push(packet: TsPacket, nowMs: number, onUnit: (unit: PesUnit) => void): void {
    if (packet.payload.length === 0) return;
    if (this.#isRepeated(packet)) return;
    if (packet.isUnitStart) {
      const next = readHeader(packet.payload, nowMs);
      this.#close(onUnit, next?.dts);
      this.#open = next;
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
    const { pts, dts, isDamaged, parts, sizeBytes, expectedBytes, arrivedAtMs } = open;
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
      nextDts,
      isDamaged: isDamaged || isShort,
      data: expectedBytes === undefined ? data : data.subarray(0, expectedBytes),
      arrivedAtMs,
    });
  }
}

/** The header of ISO/IEC 13818-1, 2.4.3.6; undefined without a usable time stamp. */
function readHeader(payload: Uint8Array, nowMs: number): OpenUnit | undefined {
  const [b0, b1, b2, , lengthHigh = 0, lengthLow = 0, , flags = 0, headerLength = 0] = payload;
  const dataStart = 9 + headerLength;
  const hasPts = (flags & 0x80) !== 0 && headerLength >= 5;
  if (b0 !== 0 || b1 !== 0 || b2 !== 1 || !hasPts || payload.length < dataStart) return undefined;
  const hasDts = (flags & 0x40) !== 0 && headerLength >= 10;
  const pts = readTimestamp(payload, 9);
  const packetLength = (lengthHigh << 8) | lengthLow;
  const data = payload.subarray(dataStart);
  return {
    pts,
    dts: hasDts ? readTimestamp(payload, 14) : pts,
    isDamaged: false,
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
