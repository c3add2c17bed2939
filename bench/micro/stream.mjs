// The stream all of these measure with: 2.5 Mbit/s of video on 8 stripes, 96 kbit/s of audio on one,
// chunks of 200 ms. Four full blocks and a small one per chunk.
import { testBlocks, testDescriptor } from "#mesh/testing";
import { USUAL_BLOCK_PAYLOAD_BYTES } from "#protocol";

export const CHUNK_MS = 200;
const BITRATES_BPS = [2_500_000, 96_000];
export const STRIPES = [8, 1];

export function streamDescriptor() {
  const descriptor = testDescriptor();
  return {
    ...descriptor,
    chunkMs: CHUNK_MS,
    tracks: descriptor.tracks.map((track, at) => ({
      ...track,
      bitrateBps: BITRATES_BPS[at],
      stripes: STRIPES[at],
    })),
  };
}

/** Every stripe, in the order of `have` messages. */
export function stripesOfStream() {
  return STRIPES.flatMap((count, track) =>
    Array.from({ length: count }, (_, stripe) => ({ track, stripe })),
  );
}

/** Blocks of the chunks number `sequence` of all tracks, made at `sequence` · 200 ms. */
export function blocksOfStream(sequence) {
  return BITRATES_BPS.flatMap((bitrateBps, track) =>
    testBlocks(
      {
        track,
        sequence,
        sourceTimeMs: sequence * CHUNK_MS,
        sizeBytes: (bitrateBps / 8) * (CHUNK_MS / 1000),
      },
      USUAL_BLOCK_PAYLOAD_BYTES,
    ),
  );
}

/** A block as publishers make them: 8 KiB of media. */
export function usualBlock(sequence) {
  const [block] = testBlocks({
    track: 0,
    sequence,
    sourceTimeMs: sequence * CHUNK_MS,
    sizeBytes: USUAL_BLOCK_PAYLOAD_BYTES,
  });
  return block;
}
