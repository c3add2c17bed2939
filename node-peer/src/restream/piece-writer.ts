import type { Writable } from "node:stream";
import type { Piece } from "./piece.ts";
import type { PieceSink } from "./piece-stream.ts";

export type PieceWriterOptions = {
  /** What may wait in the stream's buffer, in bytes. Default 16 MiB: half a minute of 4 Mbit/s. */
  bufferBytes?: number;
  /** How long a receiver may take nothing at all before it is given up, in ms. Default 30 s. */
  stuckAfterMs?: number;
  /** The receiver is too slow: media is left out until it has caught up. */
  onSkip?: () => void;
  /** It takes nothing any more. Default: the stream is destroyed. */
  onStuck?: () => void;
  nowMs?: () => number;
};

/**
 * Writes pieces to a stream that may be slower than they come, and never waits for it: when too
 * much is waiting, pieces are left out until the next point of entry that fits.
 */
export class PieceWriter implements PieceSink {
  readonly #stream: Writable;
  readonly #options: Required<PieceWriterOptions>;
  #phase: "waiting-for-entry" | "writing" | "skipping" = "waiting-for-entry";
  #skippingSinceMs = 0;

  constructor(stream: Writable, options: PieceWriterOptions = {}) {
    this.#stream = stream;
    this.#options = {
      bufferBytes: 16 * 1024 * 1024,
      stuckAfterMs: 30_000,
      onSkip: () => {},
      onStuck: () => stream.destroy(),
      nowMs: () => performance.now(),
      ...options,
    };
  }

  begin(header: Uint8Array): void {
    this.#phase = "waiting-for-entry";
    if (header.length > 0 && this.#isOpen) this.#stream.write(header);
  }

  write(piece: Piece): void {
    if (!this.#isOpen || !this.#hasRoomFor(piece)) return;
    this.#phase = "writing";
    this.#stream.write(piece.bytes);
  }

  end(): void {
    if (this.#isOpen) this.#stream.end();
  }

  /** `writable` of an HTTP response stays true after its end. */
  get #isOpen(): boolean {
    return !this.#stream.writableEnded && !this.#stream.destroyed;
  }

  #hasRoomFor(piece: Piece): boolean {
    const { bufferBytes, stuckAfterMs, onSkip, onStuck, nowMs } = this.#options;
    const waitingBytes = this.#stream.writableLength;
    switch (this.#phase) {
      case "waiting-for-entry":
        return piece.isEntry;
      case "writing":
        if (waitingBytes <= bufferBytes) return true;
        this.#phase = "skipping";
        this.#skippingSinceMs = nowMs();
        onSkip();
        return false;
      case "skipping":
        if (piece.isEntry && waitingBytes <= bufferBytes / 2) return true;
        if (nowMs() - this.#skippingSinceMs >= stuckAfterMs) onStuck();
        return false;
    }
  }
}
