import type { AudioCoding } from "./coding.ts";
import { esds } from "./esds.ts";

const MPEG1_AUDIO = 0x6b;
const MPEG2_AUDIO = 0x69;
/** Below it, it is MPEG-2 audio (ISO/IEC 13818-3): half the frame length. */
const LOWEST_MPEG1_RATE_HZ = 32_000;

/** MP3 (ISO/IEC 11172-3, layer III). RFC 6381 writes the object type in hexadecimal. */
export function mp3Coding(config: { sampleRateHz: number; channels: number }): AudioCoding {
  const objectType = config.sampleRateHz >= LOWEST_MPEG1_RATE_HZ ? MPEG1_AUDIO : MPEG2_AUDIO;
  return {
    kind: "audio",
    codec: `mp4a.${objectType.toString(16)}`,
    entryType: "mp4a",
    config: esds(objectType),
    ...config,
  };
}
