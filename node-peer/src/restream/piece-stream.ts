import type { Piece } from "./piece.ts";

/** Who takes pieces: a client, a file, a pipe. Must neither block nor throw. */
export interface PieceSink {
  /** What the format begins with, before the first piece; some have nothing. */
  begin(header: Uint8Array): void;
  write(piece: Piece): void;
  /** What was begun is complete. Another `begin` may follow. */
  end(): void;
}

/** What is kept for those who come, in bytes: one long group of pictures at 8 Mbit/s. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** One output format of the stream, for any number of sinks: each begins at a point of entry. */
export class PieceStream {
  readonly #sinks = new Set<PieceSink>();
  readonly #onWanted: (isWanted: boolean) => void;
  #header: Uint8Array | undefined;
  /** Since the last point of entry, so that newcomers need not wait for the next one. */
  #kept: Piece[] = [];
  #keptBytes = 0;

  /**
   * @param header Undefined for formats that need one, until it is known.
   * @param onWanted Told before the first sink comes, and after the last one has gone.
   */
  constructor(header?: Uint8Array, onWanted: (isWanted: boolean) => void = () => {}) {
    this.#header = header;
    this.#onWanted = onWanted;
  }

  get sinkCount(): number {
    return this.#sinks.size;
  }

  /** Another file begins. */
  restart(header: Uint8Array): void {
    const isFirst = this.#header === undefined;
    this.#header = header;
    this.#keep(undefined);
    for (const sink of [...this.#sinks]) {
      if (!isFirst) sink.end();
      if (this.#sinks.has(sink)) sink.begin(header);
    }
  }

  push(piece: Piece): void {
    this.#keep(piece);
    for (const sink of [...this.#sinks]) sink.write(piece);
  }

  /** @returns What detaches it; `end` is not called then. */
  attach(sink: PieceSink): () => void {
    if (this.#sinks.size === 0) this.#onWanted(true);
    this.#sinks.add(sink);
    if (this.#header !== undefined) {
      sink.begin(this.#header);
      for (const piece of this.#kept) sink.write(piece);
    }
    return () => {
      if (!this.#sinks.delete(sink) || this.#sinks.size > 0) return;
      this.#keep(undefined);
      this.#onWanted(false);
    };
  }

  /** Everybody's file is complete. */
  end(): void {
    for (const sink of [...this.#sinks]) sink.end();
    this.#sinks.clear();
  }

  #keep(piece: Piece | undefined): void {
    if (piece === undefined || piece.isEntry || this.#keptBytes > KEPT_BYTES_MAX) {
      this.#kept = [];
      this.#keptBytes = 0;
    }
    // Without its entry, the rest of a group is of no use to anybody.
    if (piece === undefined || (!piece.isEntry && this.#kept.length === 0)) return;
    this.#kept.push(piece);
    this.#keptBytes += piece.bytes.length;
  }
}
