import type { Block, KeptRun } from "#protocol";
import { chunkKey } from "../block-key.ts";

type KeptChunk = {
  readonly track: number;
  readonly sequence: number;
  readonly blocks: (Block | undefined)[];
  heldCount: number;
};

/** Verified blocks kept beyond the window, for others and for ourselves; bounded, first in first out. */
export class Archive {
  readonly #maxBytes: number;
  /** By {@link chunkKey}, in the order in which they began to come. */
  readonly #chunks = new Map<number, KeptChunk>();
  #bytes = 0;

  /** @param maxBytes Of blocks kept; chunks that began first go first. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keep a genuine block. One that is kept already, or does not fit its chunk, changes nothing. */
  add(block: Block): void {
    const key = chunkKey(block.track, block.sequence);
    const { track, sequence, count } = block;
    const chunk = this.#chunks.get(key) ?? {
      track,
      sequence,
      blocks: new Array<Block | undefined>(count).fill(undefined),
      heldCount: 0,
    };
    if (chunk.blocks.length !== count || chunk.blocks[block.index] !== undefined) return;
    this.#chunks.set(key, chunk);
    chunk.blocks[block.index] = block;
    chunk.heldCount++;
    this.#bytes += block.bytes.length;
    this.#trim();
  }

  has({ track, sequence, index }: Pick<Block, "track" | "sequence" | "index">): boolean {
    return this.#chunks.get(chunkKey(track, sequence))?.blocks[index] !== undefined;
  }

  /** All blocks of a chunk, in order; undefined while one is missing. */
  chunk(track: number, sequence: number): readonly Block[] | undefined {
    const chunk = this.#chunks.get(chunkKey(track, sequence));
    if (chunk === undefined || chunk.heldCount < chunk.blocks.length) return undefined;
    return chunk.blocks as Block[];
  }

  /** Whole chunks, as runs without a gap, longest first. */
  runs(max: number): KeptRun[] {
    const whole = [...this.#chunks.values()]
      .filter(({ heldCount, blocks }) => heldCount === blocks.length)
      .sort((a, b) => a.track - b.track || a.sequence - b.sequence);
    const runs: KeptRun[] = [];
    for (const { track, sequence } of whole) {
      const run = runs.at(-1);
      if (run?.track === track && run.last === sequence - 1) run.last = sequence;
      else runs.push({ track, first: sequence, last: sequence });
    }
    return runs.sort((a, b) => b.last - b.first - (a.last - a.first)).slice(0, max);
  }

  #trim(): void {
    for (const [key, { blocks }] of this.#chunks) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#chunks.delete(key);
      for (const block of blocks) this.#bytes -= block?.bytes.length ?? 0;
    }
  }
}
