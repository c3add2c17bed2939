import { WIRE_LIMITS } from "#protocol";

/** One number per chunk of a stream: exact, for 3 bits of track and 32 of sequence fit a double. */
export function chunkKey(track: number, sequence: number): number {
  return track * 2 ** 32 + sequence;
}

/** One number per block of a stream. */
export function blockKey(track: number, sequence: number, index: number): number {
  return chunkKey(track, sequence) * WIRE_LIMITS.blocksPerChunk + index;
}
