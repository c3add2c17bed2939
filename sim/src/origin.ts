import type { MediaSource, SimBlock } from "./media-source.ts";
import type { Scenario } from "./scenario.ts";

/** Join bursts given, as share of the stream's rate, and how many at once. As in ingest. */
const JOIN_SHARE = 0.25;
const JOIN_BURST = 4;
/** A request for a chunk that is about to be made is held; further ahead it is refused. */
const HELD_CHUNKS = 10;

/** The HTTP place blocks can be had from, and what it sent. */
export class Origin {
  isUp = true;
  /** Message bytes sent to viewers, as join responses and as single chunks. */
  readonly bytes = { join: 0, chunks: 0 };
  readonly #media: MediaSource;
  readonly #joinsPerMs: number;
  #joinTokens = JOIN_BURST;
  #joinTokensAtMs = 0;

  constructor(media: MediaSource, stream: Scenario["stream"]) {
    this.#media = media;
    this.#joinsPerMs = JOIN_SHARE / stream.segmentMs;
  }

  /** The join response: empty when too many ask, for the mesh can do it. */
  join(nowMs: number): SimBlock[] {
    const elapsedMs = nowMs - this.#joinTokensAtMs;
    this.#joinTokensAtMs = nowMs;
    this.#joinTokens = Math.min(JOIN_BURST, this.#joinTokens + this.#joinsPerMs * elapsedMs);
    if (!this.isUp || this.#joinTokens < 1) return [];
    this.#joinTokens--;
    const blocks = this.#media.joinBlocks();
    this.bytes.join += sizeOf(blocks);
    return blocks;
  }

  /** These blocks of a chunk, `wait` while it is about to be made, undefined if it cannot be had. */
  fetch(
    track: number,
    sequence: number,
    indexes: readonly number[] | undefined,
  ): SimBlock[] | "wait" | undefined {
    if (!this.isUp) return undefined;
    const chunk = this.#media.chunk(track, sequence);
    const blocks = chunk.filter(({ index }) => indexes?.includes(index) ?? true);
    this.bytes.chunks += sizeOf(blocks);
    if (blocks.length > 0) return blocks;
    return sequence < this.#media.chunkCount + HELD_CHUNKS ? "wait" : undefined;
  }
}

function sizeOf(blocks: readonly SimBlock[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
