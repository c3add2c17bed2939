import type { Readable } from "node:stream";
import type { SourceEvent } from "../source.ts";
import { describeFailure } from "./describe-failure.ts";
import { slices } from "./slices.ts";

/**
 * What one encoder sends, asked for its events one by one without waiting: `start`, its bytes, `end`.
 * Bytes that are not asked for stay in the kernel, and hold the encoder back.
 */
export class EncoderConnection {
  readonly #stream: Readable;
  readonly #remote: string;
  #state: "silent" | "live" | "gone" = "silent";
  #isClosed = false;
  #failure: Error | undefined;
  /** Read, but announced by `start` first. */
  #next: Uint8Array | undefined;
  #slices: Iterator<Uint8Array, void> | undefined;

  /**
   * @param remote Address and port of the encoder, for people.
   * @param onChange Called whenever `next` may have something new.
   */
  constructor(stream: Readable, remote: string, onChange: () => void) {
    this.#stream = stream;
    this.#remote = remote;
    stream.on("readable", onChange);
    stream.on("end", () => {
      this.#isClosed = true;
      onChange();
    });
    stream.on("error", (error) => {
      this.#failure = error;
    });
    stream.on("close", () => {
      this.#isClosed = true;
      onChange();
    });
  }

  /** Nothing came yet: a port scanner, a health check, or an encoder about to begin. */
  get isSilent(): boolean {
    return this.#state === "silent" && this.#stream.readableLength === 0;
  }

  /** There will be no more events. */
  get isGone(): boolean {
    return this.#state === "gone";
  }

  /** The next event, if there is one now. A connection that brought nothing has none. */
  next(): SourceEvent | undefined {
    const bytes = this.#next ?? this.#read();
    if (bytes !== undefined) {
      this.#next = this.#state === "silent" ? bytes : undefined;
      if (this.#state === "live") return { type: "bytes", bytes };
      this.#state = "live";
      return { type: "start", description: `encoder at ${this.#remote}` };
    }
    if (!this.#isClosed || this.#state === "gone") return undefined;
    const wasLive = this.#state === "live";
    this.#state = "gone";
    this.#stream.destroy();
    if (!wasLive) return undefined;
    return { type: "end", reason: `encoder at ${this.#remote}: ${this.#reason()}` };
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #read(): Uint8Array | undefined {
    for (;;) {
      const slice = this.#slices?.next();
      if (slice !== undefined && !slice.done) return slice.value;
      const bytes: Uint8Array | null = this.#stream.read();
      if (bytes === null) return undefined;
      this.#slices = slices(bytes);
    }
  }

  #reason(): string {
    return this.#failure === undefined
      ? "it closed the connection"
      : describeFailure(this.#failure);
  }
}
