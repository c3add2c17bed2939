const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
/** Of the picture, where ffmpeg writes one program without being told otherwise. */
const VIDEO_PID = 0x100;
/** Enough of a picture's end to know it by. */
const TAIL_BYTES = 48;

/** Notes when the first byte of each picture passes, in MPEG-TS that begins at a packet. */
export class FrameTimes {
  #rest = Buffer.alloc(0);
  /** In coded order: when each picture passed, and what it consists of. */
  #pictures = [];

  push(bytes, nowMs) {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (; at + PACKET_BYTES <= all.length; at += PACKET_BYTES) {
      this.#take(all.subarray(at, at + PACKET_BYTES), nowMs);
    }
    this.#rest = Buffer.from(all.subarray(at));
  }

  /**
   * When the picture passed that is so many before the one these bytes end with; undefined for bytes
   * that end with none of them. Time stamps would not do: what is dropped at the start moves them.
   */
  before(bytes, count) {
    const tail = Buffer.from(bytes.subarray(-TAIL_BYTES));
    const last = this.#pictures.findLastIndex(({ payloads }) =>
      Buffer.concat(payloads.slice(-2)).includes(tail),
    );
    return this.#pictures[last - count]?.nowMs;
  }

  #take(packet, nowMs) {
    if (packet[0] !== SYNC_BYTE) throw new Error("not MPEG-TS from its first byte on");
    if ((((packet[1] & 0x1f) << 8) | packet[2]) !== VIDEO_PID) return;
    const beginsPicture = (packet[1] & 0x40) !== 0;
    const hasAdaptation = (packet[3] & 0x20) !== 0;
    const payload = Buffer.from(packet.subarray(hasAdaptation ? 5 + packet[4] : 4));
    if (beginsPicture) this.#pictures.push({ nowMs, payloads: [payload] });
    else this.#pictures.at(-1)?.payloads.push(payload);
  }
}
