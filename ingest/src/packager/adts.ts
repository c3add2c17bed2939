import { AAC_SAMPLE_RATES_HZ } from "#media";

/** PCM samples in one AAC frame. */
export const AAC_FRAME_SAMPLES = 1024;

export type AacConfig = { objectType: number; sampleRateHz: number; channels: number };
export type AacFrame = { config: AacConfig; bytes: Uint8Array };

/** Finds AAC frames in ADTS (ISO/IEC 14496-3, 1.A.2.2), also those that lie across two units. */
export class AdtsReader {
  #rest: Uint8Array = new Uint8Array(0);
  #lastConfig: AacConfig | undefined;

  /**
   * The whole frames up to the end of `data`. `isFirstCarried`: the first began in the unit before,
   * so that this unit's time stamp belongs to the one after it.
   */
  push(data: Uint8Array): { frames: AacFrame[]; isFirstCarried: boolean } {
    const carried = this.#rest.length;
    const bytes = carried === 0 ? data : joined(this.#rest, data);
    const frames: AacFrame[] = [];
    let at = 0;
    let isFirstCarried = false;
    for (;;) {
      const next = bytes.indexOf(0xff, at);
      at = next < 0 ? bytes.length : next;
      if (bytes.length - at < 7) break;
      const header = readHeader(bytes, at);
      if (header === undefined || !this.#isBelievable(header, bytes, at + header.frameBytes)) {
        at++;
        continue;
      }
      if (bytes.length - at < header.frameBytes) break;
      if (at < carried && frames.length === 0) isFirstCarried = true;
      frames.push({
        config: header.config,
        bytes: bytes.subarray(at + header.headerBytes, at + header.frameBytes),
      });
      at += header.frameBytes;
      this.#lastConfig = header.config;
    }
    this.#rest = bytes.slice(at);
    return { frames, isFirstCarried };
  }

  reset(): void {
    this.#rest = new Uint8Array(0);
  }

  /**
   * Coded audio looks like a header now and then. Another configuration than before would cost
   * everybody a new init segment, so it is believed only if the next frame follows on the spot.
   */
  #isBelievable({ config }: Header, bytes: Uint8Array, next: number): boolean {
    const last = this.#lastConfig;
    const isKnown =
      last?.sampleRateHz === config.sampleRateHz &&
      last.channels === config.channels &&
      last.objectType === config.objectType;
    if (isKnown || bytes.length - next < 2) return true;
    return bytes[next] === 0xff && ((bytes[next + 1] ?? 0) & 0xf6) === 0xf0;
  }
}

type Header = { config: AacConfig; frameBytes: number; headerBytes: number };

function readHeader(bytes: Uint8Array, at: number): Header | undefined {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = bytes.subarray(at, at + 6);
  if (b0 !== 0xff || (b1 & 0xf6) !== 0xf0) return undefined;
  const sampleRateHz = AAC_SAMPLE_RATES_HZ[(b2 >> 2) & 15];
  const channels = ((b2 & 1) << 2) | (b3 >> 6);
  const frameBytes = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
  const headerBytes = (b1 & 1) === 1 ? 7 : 9;
  if (sampleRateHz === undefined || channels === 0 || frameBytes <= headerBytes) return undefined;
  return { config: { objectType: (b2 >> 6) + 1, sampleRateHz, channels }, frameBytes, headerBytes };
}

/** A frame of silence in AAC-LC, by channels: fills holes that would stop playback. */
const SILENCE: Record<number, readonly number[]> = {
  1: [0x00, 0xc8, 0x00, 0x80, 0x23, 0x80],
  2: [0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80],
};

export function silentFrame({ objectType, channels }: AacConfig): Uint8Array | undefined {
  const bytes = objectType === 2 ? SILENCE[channels] : undefined;
  return bytes && Uint8Array.from(bytes);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
