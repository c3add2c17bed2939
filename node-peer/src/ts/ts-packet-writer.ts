export const TS_PACKET_BYTES = 188;
const PAYLOAD_BYTES = 184;
const SYNC_BYTE = 0x47;
const CLOCK_MODULUS = 2 ** 33;

export type PesStart = {
  /** A decoder can start here. */
  isRandomAccess: boolean;
  /** Program clock reference to send along, in ticks of 90 kHz, of any size. */
  pcr?: number;
};

/** Cuts sections and PES packets into transport packets and counts them, per PID. */
export class TsPacketWriter {
  readonly #counters = new Map<number, number>();

  /** A section that fits one packet. */
  section(pid: number, bytes: Uint8Array): Uint8Array {
    const packet = new Uint8Array(TS_PACKET_BYTES).fill(0xff);
    this.#header(packet, pid, true, 0x10);
    packet[4] = 0; // pointer_field
    packet.set(bytes, 5);
    return packet;
  }

  pes(pid: number, pes: Uint8Array, { isRandomAccess, pcr }: PesStart): Uint8Array {
    const startField = adaptationField(isRandomAccess, pcr);
    const count = Math.ceil((startField.length + pes.length) / PAYLOAD_BYTES);
    const packets = new Uint8Array(count * TS_PACKET_BYTES).fill(0xff);
    let at = 0;
    for (let index = 0; index < count; index++) {
      const packet = packets.subarray(index * TS_PACKET_BYTES, (index + 1) * TS_PACKET_BYTES);
      const field = index === 0 ? startField : [];
      const takeBytes = Math.min(pes.length - at, PAYLOAD_BYTES - field.length);
      const fieldBytes = PAYLOAD_BYTES - takeBytes;
      this.#header(packet, pid, index === 0, fieldBytes > 0 ? 0x30 : 0x10);
      if (fieldBytes > 0) {
        // Whatever is left of the packet is stuffing inside the field: 0xff, already there.
        packet.set(field.length > 0 ? field : [0, 0].slice(0, fieldBytes), 4);
        packet[4] = fieldBytes - 1;
      }
      packet.set(pes.subarray(at, at + takeBytes), 4 + fieldBytes);
      at += takeBytes;
    }
    return packets;
  }

  #header(packet: Uint8Array, pid: number, isStart: boolean, control: number): void {
    const counter = this.#counters.get(pid) ?? 0;
    this.#counters.set(pid, (counter + 1) & 15);
    packet[0] = SYNC_BYTE;
    packet[1] = (isStart ? 0x40 : 0) | (pid >> 8);
    packet[2] = pid & 255;
    packet[3] = control | counter;
  }
}

/** Length, flags and clock (ISO/IEC 13818-1, 2.4.3.4); the length is filled in by the caller. */
function adaptationField(isRandomAccess: boolean, pcr: number | undefined): number[] {
  if (!isRandomAccess && pcr === undefined) return [];
  const flags = (isRandomAccess ? 0x40 : 0) | (pcr === undefined ? 0 : 0x10);
  return [0, flags, ...(pcr === undefined ? [] : pcrBytes(wrapTicks(pcr)))];
}

/** 33 bits of 90 kHz, 6 reserved ones, an extension of 0. */
function pcrBytes(base: number): number[] {
  const byte = (shift: number) => Math.floor(base / 2 ** shift) % 256;
  return [byte(25), byte(17), byte(9), byte(1), ((base % 2) << 7) | 0x7e, 0];
}

/** Into the 33 bits that time stamps have: they start over every 26.5 hours. */
export function wrapTicks(ticks: number): number {
  return ((Math.round(ticks) % CLOCK_MODULUS) + CLOCK_MODULUS) % CLOCK_MODULUS;
}
