import type { Readable } from "node:stream";
import type { SourceEvent } from "../source.ts";
import { EncoderConnection } from "./encoder-connection.ts";
import { RareWarnings } from "./rare-warnings.ts";
import { WakeUp } from "./wake-up.ts";

/** Where encoders come to, one at a time; the next one after it continues. */
export class EncoderGate {
  readonly #name: string;
  readonly #wakeUp = new WakeUp();
  readonly #warnings = new RareWarnings();
  #encoder: EncoderConnection | undefined;
  /** One at most is kept: who knocks all the time must not fill memory. */
  #warning: string | undefined;
  #isAttended = false;

  /** @param name Of the source, for warnings. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Whether somebody takes what an encoder brings. */
  get isAttended(): boolean {
    return this.#isAttended;
  }

  /** An encoder is live. Who has sent nothing yet keeps nobody out. */
  get isTaken(): boolean {
    return this.#encoder !== undefined && !this.#encoder.isSilent;
  }

  /** Let an encoder in, unless one is live. @returns Whether it is in. */
  admit(stream: Readable, remote: string): boolean {
    if (this.isTaken) {
      this.warn("second", `refused a second encoder, ${remote}: one is live already`);
      return false;
    }
    this.#encoder?.destroy();
    this.#encoder = new EncoderConnection(stream, remote, this.#wakeUp.wake);
    this.#wakeUp.wake();
    return true;
  }

  /** Say so, but not all the time. */
  warn(kind: string, message: string): void {
    const line = this.#warnings.note(kind, performance.now(), () => message);
    if (line === undefined) return;
    this.#warning = line;
    this.#wakeUp.wake();
  }

  /** What comes through, until the signal aborts; then nobody is left in. */
  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    const abort = () => {
      this.#isAttended = false;
      this.#encoder?.destroy();
      this.#wakeUp.wake();
    };
    this.#isAttended = !signal.aborted;
    signal.addEventListener("abort", abort);
    try {
      while (!signal.aborted) {
        if (this.#warning !== undefined) {
          const message = `${this.#name}: ${this.#warning}`;
          this.#warning = undefined;
          yield { type: "warning", message };
        }
        const event = this.#encoder?.next();
        // Free for the next encoder before anybody hears that this one went.
        if (this.#encoder?.isGone) this.#encoder = undefined;
        if (event !== undefined) yield event;
        else await this.#wakeUp.wait();
      }
    } finally {
      signal.removeEventListener("abort", abort);
      abort();
    }
  }
}
