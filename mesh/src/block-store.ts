import type { Block, ChunkHoldings } from "#protocol";
import type { MeshChunk } from "./events.ts";

/** The blocks of one chunk that were verified. */
export type StoredChunk = {
  readonly track: number;
  readonly sequence: number;
  readonly sourceTimeMs: number;
  readonly durationMs: number;
  readonly isIndependent: boolean;
  /** `blocks[index]`, undefined while missing. */
  readonly blocks: (Block | undefined)[];
  heldCount: number;
};

/** Chunks per track kept at most, whatever their times say: protects memory from tiny chunks. */
const MAX_CHUNKS_PER_TRACK = 1024;
/** Bytes kept at most: 10 s of 40 Mbit/s. */
const MAX_BYTES = 50 * 1024 * 1024;

/** Verified blocks of the window, newest chunks first to come and oldest first to go. */
export class BlockStore {
  readonly #windowMs: number;
  /** Per track, in order of sequence as far as insertion allows; deletion is from the start. */
  readonly #tracks = new Map<number, Map<number, StoredChunk>>();
  readonly #newest = new Map<number, StoredChunk>();
  #bytes = 0;

  /** @param windowMs Source time that is kept behind the newest chunk of the same track. */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  chunk(track: number, sequence: number): StoredChunk | undefined {
    return this.#tracks.get(track)?.get(sequence);
  }

  block(track: number, sequence: number, index: number): Block | undefined {
    return this.chunk(track, sequence)?.blocks[index];
  }

  /** Forget a track: what is held of it has nothing to do with what comes. */
  clear(track: number): void {
    for (const { blocks } of this.#tracks.get(track)?.values() ?? []) {
      for (const block of blocks) this.#bytes -= block?.bytes.length ?? 0;
    }
    this.#tracks.delete(track);
    this.#newest.delete(track);
  }

  /** The chunk with the highest sequence of which a block is held. */
  newest(track: number): StoredChunk | undefined {
    return this.#newest.get(track);
  }

  /** Source time of the newest block of any track. */
  newestSourceTimeMs(): number | undefined {
    let newest: number | undefined;
    for (const chunk of this.#newest.values()) {
      if (newest === undefined || chunk.sourceTimeMs > newest) newest = chunk.sourceTimeMs;
    }
    return newest;
  }

  /**
   * Keep a verified block.
   * @returns `duplicate` when it is held already, `stale` when it is older than the window.
   */
  add(block: Block): "added" | "completed" | "duplicate" | "stale" {
    const newest = this.#newest.get(block.track);
    if (newest !== undefined && block.sourceTimeMs < newest.sourceTimeMs - this.#windowMs) {
      return "stale";
    }
    const chunk = this.chunk(block.track, block.sequence) ?? this.#open(block);
    if (chunk.blocks.length !== block.count) return "stale";
    if (chunk.blocks[block.index] !== undefined) return "duplicate";
    chunk.blocks[block.index] = block;
    chunk.heldCount++;
    this.#bytes += block.bytes.length;
    this.#trim(block.track);
    return chunk.heldCount === chunk.blocks.length ? "completed" : "added";
  }

  /** Everything held, oldest first within a track. */
  *chunks(): Iterable<StoredChunk> {
    for (const chunks of this.#tracks.values()) yield* chunks.values();
  }

  #open(block: Block): StoredChunk {
    const { track, sequence, sourceTimeMs, durationMs, isIndependent, count } = block;
    const chunk: StoredChunk = {
      track,
      sequence,
      sourceTimeMs,
      durationMs,
      isIndependent,
      blocks: new Array(count).fill(undefined),
      heldCount: 0,
    };
    const chunks = this.#tracks.get(track) ?? new Map<number, StoredChunk>();
    this.#tracks.set(track, chunks);
    chunks.set(sequence, chunk);
    const newest = this.#newest.get(track);
    if (newest === undefined || sequence > newest.sequence) this.#newest.set(track, chunk);
    return chunk;
  }

  #trim(track: number): void {
    const chunks = this.#tracks.get(track);
    const newest = this.#newest.get(track);
    if (chunks === undefined || newest === undefined) return;
    for (const chunk of chunks.values()) {
      const isOld = chunk.sourceTimeMs < newest.sourceTimeMs - this.#windowMs;
      const isOver = chunks.size > MAX_CHUNKS_PER_TRACK || this.#bytes > MAX_BYTES;
      if ((!isOld && !isOver) || chunk === newest) return;
      chunks.delete(chunk.sequence);
      for (const block of chunk.blocks) this.#bytes -= block?.bytes.length ?? 0;
    }
  }
}

/** Most of what neighbors tell is of whole chunks: one list for all of a size. Bounded by the wire. */
const ALL_HELD: (readonly boolean[])[] = [];

function allHeld(count: number): readonly boolean[] {
  const all = ALL_HELD[count] ?? new Array<boolean>(count).fill(true);
  ALL_HELD[count] = all;
  return all;
}

/** @param isShown Only of these blocks is told that they are here. */
export function holdingsOf(chunk: StoredChunk, isShown?: (block: Block) => boolean): ChunkHoldings {
  const { track, sequence, isIndependent } = chunk;
  const has =
    isShown === undefined && chunk.heldCount === chunk.blocks.length
      ? allHeld(chunk.blocks.length)
      : chunk.blocks.map((block) => block !== undefined && (isShown?.(block) ?? true));
  // Not by spreading: V8 gives each such object a hidden class of its own, and all who read it pay.
  return isIndependent ? { track, sequence, has, isIndependent } : { track, sequence, has };
}

/** The chunk as the sink gets it. Call only when every block is held. */
export function assembleChunk(chunk: StoredChunk): MeshChunk {
  const blocks = chunk.blocks.filter((block) => block !== undefined);
  const first = blocks[0];
  if (first === undefined || blocks.length !== chunk.blocks.length) {
    throw new Error("a chunk is assembled only when every block is held");
  }
  const { track, sequence, initVersion, isIndependent, isDiscontinuity } = first;
  const { sourceTimeMs, durationMs } = chunk;
  let bytes: Uint8Array | undefined;
  return {
    track,
    sequence,
    initVersion,
    isIndependent,
    isDiscontinuity,
    sourceTimeMs,
    durationMs,
    get bytes() {
      bytes ??= joined(blocks);
      return bytes;
    },
  };
}

function joined(blocks: readonly Block[]): Uint8Array {
  const bytes = new Uint8Array(blocks.reduce((sum, block) => sum + block.payload.length, 0));
  let at = 0;
  for (const block of blocks) {
    bytes.set(block.payload, at);
    at += block.payload.length;
  }
  return bytes;
}
