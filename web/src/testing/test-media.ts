import { aacCoding, writeChunk, writeInitSegment } from "#media";
import type { MeshChunk } from "#mesh";
import { type StreamDescriptor, type TrackDescriptor, toHex } from "#protocol";
import { testChunk } from "./test-chunk.ts";

const TIMESCALE = 48_000;

/** Real media, as small as it gets: audio frames of a few bytes stand in for both kinds. */
export function testInit(channels = 2): Uint8Array {
  const sampleRateHz = TIMESCALE;
  const coding = aacCoding({ sampleRateHz, channels, objectType: 2 });
  return writeInitSegment({ timescale: TIMESCALE, ...coding });
}

export function testTrack(changes: Partial<TrackDescriptor> = {}): TrackDescriptor {
  return {
    id: "v0",
    kind: "video",
    codec: "avc1.64001e",
    stripes: 8,
    bitrateBps: 0,
    initVersion: 0,
    init: toHex(testInit()),
    ...changes,
  };
}

export function testDescriptor(...tracks: TrackDescriptor[]): StreamDescriptor {
  return { isLive: true, tracks } as unknown as StreamDescriptor;
}

/** A chunk whose media says that it begins at `mediaTimeMs`. */
export function testMediaChunk(
  sequence: number,
  mediaTimeMs: number,
  changes: Partial<MeshChunk> = {},
): MeshChunk {
  const sample = {
    bytes: Uint8Array.of(sequence & 255),
    durationTicks: (200 * TIMESCALE) / 1000,
    compositionOffsetTicks: 0,
    isKeyFrame: true,
  };
  const decodeTimeTicks = (mediaTimeMs * TIMESCALE) / 1000;
  const bytes = writeChunk({ sequence, decodeTimeTicks, samples: [sample] });
  return testChunk(sequence, { bytes, ...changes });
}
