import { AAC_FRAME_SAMPLES } from "./adts.ts";
import type { AudioFrame } from "./frames.ts";

/** A frame of silence in AAC-LC, by channels. */
const AAC_LC: Record<number, readonly number[]> = {
  1: [0x00, 0xc8, 0x00, 0x80, 0x23, 0x80],
  2: [0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80],
};
/** 20 ms in one frame, decoded as zeros: a configuration, and nothing (RFC 6716, 3.1). */
const OPUS = [0xf8, 0xff, 0xfe];
const OPUS_SAMPLES = 960;
const MP3_HEADER_BYTES = 4;

/**
 * A frame of silence that fits behind `frame`, to fill holes that would stop playback. Undefined
 * where none can be made without an encoder.
 */
export function silenceAfter({ coding, bytes, samples }: AudioFrame): AudioFrame | undefined {
  switch (coding.codec) {
    case "mp4a.40.2": {
      const silence = AAC_LC[coding.channels];
      return silence && { coding, bytes: Uint8Array.from(silence), samples: AAC_FRAME_SAMPLES };
    }
    case "opus":
      return coding.channels > 2
        ? undefined
        : { coding, bytes: Uint8Array.from(OPUS), samples: OPUS_SAMPLES };
    case "mp4a.6b":
    case "mp4a.69":
      return { coding, bytes: silentMp3(bytes), samples };
    default:
      return undefined;
  }
}

/** The same header without a checksum; side information of zeros says that there is no sound. */
function silentMp3(frame: Uint8Array): Uint8Array {
  const silence = new Uint8Array(frame.length);
  silence.set(frame.subarray(0, MP3_HEADER_BYTES));
  silence[1] = (silence[1] ?? 0) | 1;
  return silence;
}
