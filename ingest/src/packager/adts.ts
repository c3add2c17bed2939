import { AAC_SAMPLE_RATES_HZ, aacCoding } from "#media";
import type { AudioHeader, AudioSync } from "./synced-audio-reader.ts";

/** PCM samples in one AAC frame. */
export const AAC_FRAME_SAMPLES = 1024;

/** AAC frames in ADTS (ISO/IEC 14496-3, 1.A.2.2). */
export const ADTS: AudioSync = {
  firstByte: 0xff,
  headerBytes: 7,
  isSync: (first, second) => first === 0xff && (second & 0xf6) === 0xf0,
  read: readHeader,
};

function readHeader(bytes: Uint8Array, at: number): AudioHeader | undefined {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = bytes.subarray(at, at + 6);
  if (!ADTS.isSync(b0, b1)) return undefined;
  const sampleRateHz = AAC_SAMPLE_RATES_HZ[(b2 >> 2) & 15];
  const channels = ((b2 & 1) << 2) | (b3 >> 6);
  const frameBytes = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
  const headerBytes = (b1 & 1) === 1 ? 7 : 9;
  if (sampleRateHz === undefined || channels === 0 || frameBytes <= headerBytes) return undefined;
  return {
    coding: aacCoding({ objectType: (b2 >> 6) + 1, sampleRateHz, channels }),
    samples: AAC_FRAME_SAMPLES,
    frameBytes,
    headerBytes,
  };
}
