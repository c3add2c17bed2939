import type { Source, SourceEvent } from "../source.ts";

/** Pulls a source by hand, so a test decides when the source may go on. */
export class SourceReader {
  readonly #abort = new AbortController();
  readonly #iterator: AsyncIterator<SourceEvent>;

  constructor(source: Source) {
    this.#iterator = source.events(this.#abort.signal)[Symbol.asyncIterator]();
  }

  /** The next event; undefined at the end. */
  async next(): Promise<SourceEvent | undefined> {
    const { done, value } = await this.#iterator.next();
    return done ? undefined : value;
  }

  /** The next event, which has to be of this type. */
  async expect<T extends SourceEvent["type"]>(type: T): Promise<Extract<SourceEvent, { type: T }>> {
    const event = await this.next();
    if (event?.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(event)}`);
    return event as Extract<SourceEvent, { type: T }>;
  }

  /** This many bytes, by as many pulls as it takes. */
  async bytes(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      const { bytes } = await this.expect("bytes");
      parts.push(bytes);
      left -= bytes.length;
    }
    return Buffer.concat(parts);
  }

  /** Abort; resolves when the source has ended. */
  async abort(): Promise<void> {
    this.#abort.abort();
    while ((await this.next()) !== undefined) {}
  }

  /** Abort without asking for another event. */
  abortOnly(): void {
    this.#abort.abort();
  }
}
