import { mp3Coding } from "#media";
import type { AudioHeader, AudioSync } from "./synced-audio-reader.ts";

/** By bit rate index, in kbit/s; 0 is free format, which nobody sends (ISO/IEC 11172-3, 2.4.2.3). */
const MPEG1_KBPS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const MPEG1_RATES_HZ = [44_100, 48_000, 32_000];
const VERSION_1 = 3;
const VERSION_2 = 2;
const LAYER_2 = 2;
const LAYER_3 = 1;
const MONO = 3;

/** MP3 frames; they go into fMP4 whole. */
export const MP3: AudioSync = {
  firstByte: 0xff,
  headerBytes: 4,
  isSync: (first, second) => first === 0xff && layerOf(second) === LAYER_3,
  read: readHeader,
};

/** Layer II, which broadcasters use and browsers do not play. */
export function isLayer2(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && layerOf(bytes[1] ?? 0) === LAYER_2;
}

/** Undefined where it is no second byte of a header. */
function layerOf(second: number): number | undefined {
  return (second & 0xe0) === 0xe0 ? (second >> 1) & 3 : undefined;
}

function readHeader(bytes: Uint8Array, at: number): AudioHeader | undefined {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = bytes.subarray(at, at + 4);
  if (!MP3.isSync(b0, b1)) return undefined;
  const version = (b1 >> 3) & 3;
  const isFirst = version === VERSION_1;
  const kbps = (isFirst ? MPEG1_KBPS : MPEG2_KBPS)[b2 >> 4];
  const rate = MPEG1_RATES_HZ[(b2 >> 2) & 3];
  const isKnown = isFirst || version === VERSION_2; // 2.5 has no object type in MP4
  if (!isKnown || kbps === undefined || kbps === 0 || rate === undefined) return undefined;
  const sampleRateHz = isFirst ? rate : rate / 2;
  const samples = isFirst ? 1152 : 576;
  const padding = (b2 >> 1) & 1;
  return {
    coding: mp3Coding({ sampleRateHz, channels: b3 >> 6 === MONO ? 1 : 2 }),
    samples,
    frameBytes: Math.floor((samples * kbps * 125) / sampleRateHz) + padding,
    headerBytes: 0,
  };
}
