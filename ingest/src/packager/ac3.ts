import { MediaError, readAc3Frame } from "#media";
import type { AudioHeader, AudioSync } from "./synced-audio-reader.ts";

/** Frames of AC-3 and E-AC-3; they go into fMP4 whole. */
export const AC3: AudioSync = {
  firstByte: 0x0b,
  headerBytes: 8,
  isSync: (first, second) => first === 0x0b && second === 0x77,
  read: readHeader,
};

function readHeader(bytes: Uint8Array, at: number): AudioHeader | undefined {
  if (!AC3.isSync(bytes[at] ?? 0, bytes[at + 1] ?? 0)) return undefined;
  try {
    const { coding, samples, sizeBytes } = readAc3Frame(bytes.subarray(at));
    return { coding, samples, frameBytes: sizeBytes, headerBytes: 0 };
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}
