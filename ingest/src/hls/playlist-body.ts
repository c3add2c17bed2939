import { gzipSync } from "node:zlib";

/** A playlist as it is sent, compressed at most once. */
export class PlaylistBody {
  readonly text: string;
  #gzipped: Buffer | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get gzipped(): Buffer {
    this.#gzipped ??= gzipSync(this.text);
    return this.#gzipped;
  }
}
