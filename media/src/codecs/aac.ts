import { BitReader } from "../bit-reader.ts";
import { MediaError } from "../media-error.ts";
import type { AudioCoding } from "./coding.ts";
import { esds } from "./esds.ts";

/** Sampling frequencies by index (ISO/IEC 14496-3, table 1.18). */
export const AAC_SAMPLE_RATES_HZ: readonly number[] = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];
const MPEG4_AUDIO = 0x40;
const ESCAPED_RATE = 15;
const ESCAPED_TYPE = 31;

export type AacConfig = {
  sampleRateHz: number;
  /** channelConfiguration (ISO/IEC 14496-3, table 1.19): the count of channels, but 7 is 7.1. */
  channels: number;
  /** MPEG-4 audio object type: 2 is AAC-LC. */
  objectType: number;
};

export function aacCoding({ sampleRateHz, channels, objectType }: AacConfig): AudioCoding {
  const rateIndex = AAC_SAMPLE_RATES_HZ.indexOf(sampleRateHz);
  if (rateIndex < 0) throw new RangeError(`AAC has no sample rate of ${sampleRateHz} Hz`);
  const config = [(objectType << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channels << 3)];
  return aacCodingOf(Uint8Array.from(config));
}

/**
 * AAC by its AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), kept as it is.
 * @param output Channels that come out, where the container says so: parametric stereo has more
 * of them than the config says, and a config may leave them to the frames (0).
 * @throws {MediaError} When it cannot be read.
 */
export function aacCodingOf(specificConfig: Uint8Array, output?: number): AudioCoding {
  const { objectType, sampleRateHz, channels: stated } = readSpecificConfig(specificConfig);
  const channels = output ?? stated;
  return {
    kind: "audio",
    codec: aacCodecString(objectType),
    entryType: "mp4a",
    config: esds(MPEG4_AUDIO, specificConfig),
    sampleRateHz,
    channels: channels === 7 ? 8 : channels, // configuration 7 is 7.1
  };
}

/** `mp4a.40.N` (RFC 6381, section 3.3). @param objectType MPEG-4 audio object type: 2 is AAC-LC. */
export function aacCodecString(objectType: number): string {
  return `mp4a.40.${objectType}`;
}

/** Of AAC with spectral band replication the rate is the one of its core: it counts frames. */
export function readSpecificConfig(bytes: Uint8Array): AacConfig {
  const bits = new BitReader(bytes, "an AudioSpecificConfig");
  const type = bits.u(5);
  const objectType = type === ESCAPED_TYPE ? 32 + bits.u(6) : type;
  const rateIndex = bits.u(4);
  const sampleRateHz = rateIndex === ESCAPED_RATE ? bits.u(24) : AAC_SAMPLE_RATES_HZ[rateIndex];
  if (sampleRateHz === undefined || sampleRateHz === 0) {
    throw new MediaError("unsupported", "esds: sample rate");
  }
  return { objectType, sampleRateHz, channels: bits.u(4) };
}
