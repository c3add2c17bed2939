import type { PackagedChunk, PackagedTrack } from "../packager.ts";

const CHUNK_MS = 200;

export function videoTrack(initVersion = 1): PackagedTrack {
  return {
    kind: "video",
    codec: "avc1.64001e",
    initSegment: Uint8Array.of(1, 2, initVersion),
    initVersion,
    timescale: 90_000,
    width: 640,
    height: 360,
  };
}

export function audioTrack(initVersion = 1): PackagedTrack {
  return {
    kind: "audio",
    codec: "mp4a.40.2",
    initSegment: Uint8Array.of(3, 4, initVersion),
    initVersion,
    timescale: 48_000,
    sampleRateHz: 48_000,
    channels: 2,
  };
}

/** A chunk of the default length, filled with its sequence. Video: every fifth is independent. */
export function packagedChunk(
  kind: "video" | "audio",
  sequence: number,
  change: Partial<PackagedChunk> & { sizeBytes?: number } = {},
): PackagedChunk {
  const { sizeBytes = 1000, ...rest } = change;
  return {
    kind,
    sequence,
    bytes: new Uint8Array(sizeBytes).fill(sequence),
    initVersion: 1,
    isIndependent: kind === "audio" || sequence % 5 === 0,
    isDiscontinuity: false,
    mediaTimeMs: sequence * CHUNK_MS,
    durationMs: CHUNK_MS,
    sourceTimeMs: 1_700_000_000_000 + sequence * CHUNK_MS,
    ...rest,
  };
}
