/** Packets of ISO/IEC 13818-1, section 2.4.3. */
export const TS_PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
/** Consecutive sync bytes that make a stream; three by chance: one in 16 million positions. */
const SYNC_RUN = 3;

export type TsPacket = {
  pid: number;
  isUnitStart: boolean;
  isDamaged: boolean;
  isScrambled: boolean;
  /** The adaptation field says that the continuity counter may jump here. */
  isCounterJump: boolean;
  continuityCounter: number;
  /** Empty when the packet carries only an adaptation field. */
  payload: Uint8Array;
};

/** Cuts bytes into packets, finding the beat again after garbage. Holds at most a few packets. */
export class TsPacketizer {
  #rest: Uint8Array = new Uint8Array(0);
  #isInSync = false;
  /** Bytes skipped since the last packet. */
  skippedBytes = 0;

  /** Calls `onPacket` for each whole packet; `onSync` when the beat was found after skipping. */
  push(
    bytes: Uint8Array,
    onPacket: (packet: TsPacket) => void,
    onSync: (skippedBytes: number) => void,
  ): void {
    const data = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    let at = 0;
    for (;;) {
      if (!this.#isInSync) {
        const found = findSync(data, at);
        this.skippedBytes += found.at - at;
        at = found.at;
        if (!found.isCertain) break;
        this.#isInSync = true;
        if (this.skippedBytes > 0) onSync(this.skippedBytes);
        this.skippedBytes = 0;
      }
      if (data.length - at < TS_PACKET_BYTES) break;
      if (data[at] !== SYNC_BYTE) {
        this.#isInSync = false;
        continue;
      }
      onPacket(readPacket(data.subarray(at, at + TS_PACKET_BYTES)));
      at += TS_PACKET_BYTES;
    }
    this.#rest = data.slice(at);
  }

  /** Whether the input stopped inside a packet. */
  get isInsidePacket(): boolean {
    return this.#isInSync && this.#rest.length > 0;
  }

  /** Forget what is half there: the next bytes are a new beginning. */
  reset(): void {
    this.#rest = new Uint8Array(0);
    this.#isInSync = false;
    this.skippedBytes = 0;
  }
}

/** Where packets may begin: certain with enough sync bytes in a row, else where to go on looking. */
function findSync(data: Uint8Array, from: number): { at: number; isCertain: boolean } {
  for (let at = from; at < data.length; at++) {
    if (data[at] !== SYNC_BYTE) continue;
    let run = 1;
    while (run < SYNC_RUN && data[at + run * TS_PACKET_BYTES] === SYNC_BYTE) run++;
    if (run === SYNC_RUN) return { at, isCertain: true };
    if (at + run * TS_PACKET_BYTES >= data.length) return { at, isCertain: false };
  }
  return { at: data.length, isCertain: false };
}

function readPacket(bytes: Uint8Array): TsPacket {
  const [, b1 = 0, b2 = 0, b3 = 0, adaptationLength = 0, adaptationFlags = 0] = bytes;
  const hasAdaptation = (b3 & 0x20) !== 0;
  const hasPayload = (b3 & 0x10) !== 0;
  const start = hasAdaptation ? 5 + adaptationLength : 4;
  const isOverlong = start > TS_PACKET_BYTES;
  return {
    pid: ((b1 & 0x1f) << 8) | b2,
    isUnitStart: (b1 & 0x40) !== 0,
    isDamaged: (b1 & 0x80) !== 0 || isOverlong,
    isScrambled: (b3 & 0xc0) !== 0,
    isCounterJump: hasAdaptation && adaptationLength > 0 && (adaptationFlags & 0x80) !== 0,
    continuityCounter: b3 & 0x0f,
    payload: hasPayload && !isOverlong ? bytes.subarray(start) : bytes.subarray(0, 0),
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
