import type { DatagramFormat, DatagramReader } from "./datagram-inbox.ts";
import { readRtpPacket } from "./rtp-packet.ts";

export type RtpReorderOptions = {
  /** How long a packet waits for one before it, in ms. Above what a network's paths differ by;
   * it is latency for who loses a packet. Default 50: a guess. */
  waitMs?: number;
  /** Packets that may wait. Default 128: 50 ms at 27 Mbit/s. */
  packets?: number;
};

/** A sequence number this far off is no late or lost packet but a new count. RFC 3550, A.1. */
const DROPOUT_MAX = 3000;
const MISORDER_MAX = 100;

/** Puts the packets of one RTP stream in order, and gives up on those that do not come. */
export class RtpReader implements DatagramReader {
  readonly #waitMs: number;
  readonly #packetLimit: number;
  /** By sequence number, in order of arrival. */
  readonly #held = new Map<number, { payload: Uint8Array; arrivedAtMs: number }>();
  #nextSequence: number | undefined;
  #lostCount = 0;

  constructor({ waitMs = 50, packets = 128 }: RtpReorderOptions = {}) {
    this.#waitMs = waitMs;
    this.#packetLimit = packets;
  }

  get lostCount(): number {
    return this.#lostCount;
  }

  get wakeAtMs(): number {
    for (const { arrivedAtMs } of this.#held.values()) return arrivedAtMs + this.#waitMs;
    return Number.POSITIVE_INFINITY;
  }

  push(datagram: Uint8Array, nowMs: number): readonly Uint8Array[] {
    const packet = readRtpPacket(datagram);
    if (packet === undefined) return [];
    const { sequence, payload } = packet;
    this.#nextSequence ??= sequence;
    const ahead = distance(this.#nextSequence, sequence);
    if (ahead > DROPOUT_MAX || ahead < -MISORDER_MAX) return this.#restart(sequence, payload);
    // Come too late, or come twice.
    if (ahead < 0 || this.#held.has(sequence)) return [];
    this.#held.set(sequence, { payload, arrivedAtMs: nowMs });
    return this.release(nowMs);
  }

  release(nowMs: number): readonly Uint8Array[] {
    const payloads: Uint8Array[] = [];
    while (this.#held.size > 0 && this.#nextSequence !== undefined) {
      const found = this.#held.get(this.#nextSequence);
      if (found !== undefined) {
        this.#held.delete(this.#nextSequence);
        this.#nextSequence = (this.#nextSequence + 1) & 0xffff;
        payloads.push(found.payload);
      } else if (nowMs >= this.wakeAtMs || this.#held.size > this.#packetLimit) {
        const gap = this.#gap(this.#nextSequence);
        this.#lostCount += gap;
        this.#nextSequence = (this.#nextSequence + gap) & 0xffff;
      } else break;
    }
    return payloads;
  }

  /** Packets missing before the first that is held. */
  #gap(from: number): number {
    return Math.min(...[...this.#held.keys()].map((sequence) => distance(from, sequence)));
  }

  #restart(sequence: number, payload: Uint8Array): readonly Uint8Array[] {
    const held = this.release(Number.POSITIVE_INFINITY);
    this.#nextSequence = (sequence + 1) & 0xffff;
    return [...held, payload];
  }
}

/** From one 16-bit number to another, the short way round. */
function distance(from: number, to: number): number {
  return ((to - from + 0x8000) & 0xffff) - 0x8000;
}

/** MPEG-TS in RTP (RFC 2250, section 2). */
export const RTP_DATAGRAMS: DatagramFormat = {
  streamOf: (datagram) => readRtpPacket(datagram)?.ssrc,
  describeStranger: (datagram) =>
    datagram[0] === 0x47 ? "MPEG-TS without RTP (use udp:// for it)" : undefined,
  createReader: () => new RtpReader(),
};
