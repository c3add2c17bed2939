import { AAC_SAMPLE_RATES_HZ, type InitSegmentInfo, MediaError } from "#media";

/** The fields of an ADTS header that are the same for all frames (ISO/IEC 14496-3, 1.A.2.2). */
type AdtsConfig = { profile: number; rateIndex: number; channels: number };

const HEADER_BYTES = 7;
const AAC_LC = 2;
/** Longest frame that the 13 bits of a header can state, in bytes. */
const FRAME_BYTES_MAX = 8191 - HEADER_BYTES;

/** What stands before each AAC frame of a track. @throws {MediaError} When it is no AAC track. */
export function adtsWriter(info: InitSegmentInfo): (frame: Uint8Array) => Uint8Array {
  const config = readAdtsConfig(info);
  return ({ length }) => {
    if (length > FRAME_BYTES_MAX) {
      throw new MediaError("unsupported", `an AAC frame of ${length} bytes`);
    }
    return adtsHeader(config, length);
  };
}

function readAdtsConfig({ codec, sampleRateHz = 0, channels = 2 }: InitSegmentInfo): AdtsConfig {
  const objectType = Number(/^mp4a\.40\.(\d+)$/.exec(codec)?.[1]);
  const rateIndex = AAC_SAMPLE_RATES_HZ.indexOf(sampleRateHz);
  if (!Number.isInteger(objectType) || rateIndex < 0) {
    throw new MediaError("unsupported", `${codec} at ${sampleRateHz} Hz in MPEG-TS`);
  }
  // Two bits hold the profile: what extends AAC-LC is found by decoders in the frames.
  const profile = (objectType <= 4 ? objectType : AAC_LC) - 1;
  return { profile, rateIndex, channels: channels === 8 ? 7 : channels };
}

function adtsHeader({ profile, rateIndex, channels }: AdtsConfig, frameBytes: number): Uint8Array {
  const lengthBytes = frameBytes + HEADER_BYTES;
  return Uint8Array.of(
    0xff,
    0xf1, // MPEG-4, no checksum
    (profile << 6) | (rateIndex << 2) | (channels >> 2),
    ((channels & 3) << 6) | ((lengthBytes >> 11) & 3),
    (lengthBytes >> 3) & 255,
    ((lengthBytes & 7) << 5) | 0x1f,
    0xfc, // variable rate, one block of data
  );
}
