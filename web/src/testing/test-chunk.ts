import type { MeshChunk } from "#mesh";

/** A chunk of 200 ms, of which every fifth is independent, as in a stream with a 1 s GOP. */
export function testChunk(sequence: number, changes: Partial<MeshChunk> = {}): MeshChunk {
  return {
    track: 0,
    sequence,
    initVersion: 0,
    isIndependent: sequence % 5 === 0,
    isDiscontinuity: false,
    sourceTimeMs: sequence * 200,
    durationMs: 200,
    bytes: Uint8Array.of(sequence),
    ...changes,
  };
}
