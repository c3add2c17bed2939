import type { Packager, PackagerEvent } from "./packager.ts";

/** The `codec` of a track that carries integers instead of media; docs/protocol.md, section 3. */
const INTEGERS_CODEC = "integers";
/** 800 kbit/s: a chunk of the usual 200 ms is two blocks, so that stripes and repair have work. */
export const INTEGERS_BYTES_PER_MS = 100;

/** Cuts bytes into chunks of equal size that mean nothing, at a fixed rate. Sized for integers. */
export class IntegersPackager implements Packager {
  readonly #chunkMs: number;
  readonly #chunkBytes: number;
  #pieces: Uint8Array[] = [];
  #sizeBytes = 0;
  #sequence = 0;

  constructor({ chunkMs, bytesPerMs }: { chunkMs: number; bytesPerMs: number }) {
    this.#chunkMs = chunkMs;
    // No integer is cut in two.
    this.#chunkBytes = Math.floor((chunkMs * bytesPerMs) / 4) * 4;
  }

  push(bytes: Uint8Array, wallClockMs: number): PackagerEvent[] {
    this.#pieces.push(bytes);
    this.#sizeBytes += bytes.length;
    const events: PackagerEvent[] = [];
    while (this.#sizeBytes >= this.#chunkBytes) events.push(...this.#cut(wallClockMs));
    return events;
  }

  discontinuity(): PackagerEvent[] {
    return [];
  }

  /** An incomplete chunk is of no use to anybody. */
  flush(): PackagerEvent[] {
    return [];
  }

  #cut(sourceTimeMs: number): PackagerEvent[] {
    const bytes = new Uint8Array(Buffer.concat(this.#pieces));
    this.#pieces = [bytes.subarray(this.#chunkBytes)];
    this.#sizeBytes = bytes.length - this.#chunkBytes;
    const sequence = this.#sequence++;
    const chunk: PackagerEvent = {
      type: "chunk",
      chunk: {
        // Striped like the one kind, and begun anywhere like the other.
        kind: "video",
        sequence,
        bytes: bytes.slice(0, this.#chunkBytes),
        initVersion: 0,
        isIndependent: true,
        isDiscontinuity: false,
        mediaTimeMs: sequence * this.#chunkMs,
        durationMs: this.#chunkMs,
        sourceTimeMs,
      },
    };
    return sequence === 0 ? [TRACK, chunk] : [chunk];
  }
}

const TRACK: PackagerEvent = {
  type: "track",
  track: {
    kind: "video",
    codec: INTEGERS_CODEC,
    initSegment: new Uint8Array(),
    initVersion: 0,
    timescale: 1000,
  },
};
