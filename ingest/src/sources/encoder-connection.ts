import type { Socket } from "node:net";
import type { SourceEvent } from "../source.ts";
import { describeFailure } from "./describe-failure.ts";
import { guardSilence } from "./silence.ts";
import { slices } from "./slices.ts";

/**
 * One encoder's socket, asked for its events one by one without waiting: `start`, its bytes, `end`.
 * Bytes that are not asked for stay in the kernel, and hold the encoder back.
 */
export class EncoderConnection {
  readonly #socket: Socket;
  readonly #remote: string;
  #state: "silent" | "live" | "gone" = "silent";
  #isClosed = false;
  #failure: Error | undefined;
  /** Read, but announced by `start` first. */
  #next: Uint8Array | undefined;
  #slices: Iterator<Uint8Array, void> | undefined;

  /** @param onChange Called whenever `next` may have something new. */
  constructor(socket: Socket, silenceMs: number, onChange: () => void) {
    this.#socket = socket;
    this.#remote = `${socket.remoteAddress ?? "gone"}:${socket.remotePort ?? "?"}`;
    guardSilence(socket, silenceMs);
    socket.on("readable", onChange);
    socket.on("end", () => {
      this.#isClosed = true;
      onChange();
    });
    socket.on("error", (error) => {
      this.#failure = error;
    });
    socket.on("close", () => {
      this.#isClosed = true;
      onChange();
    });
  }

  /** Nothing came yet: a port scanner, a health check, or an encoder about to begin. */
  get isSilent(): boolean {
    return this.#state === "silent" && this.#socket.readableLength === 0;
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
    this.#socket.destroy();
    if (!wasLive) return undefined;
    return { type: "end", reason: `encoder at ${this.#remote}: ${this.#reason()}` };
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(): Uint8Array | undefined {
    for (;;) {
      const slice = this.#slices?.next();
      if (slice !== undefined && !slice.done) return slice.value;
      const bytes: Uint8Array | null = this.#socket.read();
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
