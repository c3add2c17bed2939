/** One line per problem for people, not one per packet: each kind at most every few seconds. */
const REPEAT_AFTER_MS = 10_000;

export type WarningCode =
  | "not-ts"
  | "lost-sync"
  | "lost-packets"
  | "oversized"
  | "scrambled"
  | "unsupported-codec"
  | "damaged"
  | "time-jump"
  | "time-apart"
  | "open-gop"
  | "no-program"
  | "no-key-frame"
  | "events"
  | "audio-strays"
  | "no-sound"
  | "picture-changed";

/** Collects warnings of one push, holding back what was said a moment ago. */
export class Warnings {
  readonly #saidAtMs = new Map<WarningCode, number>();
  #messages: string[] = [];
  #nowMs = 0;

  setNow(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  add(code: WarningCode, message: string): void {
    const saidAtMs = this.#saidAtMs.get(code) ?? Number.NEGATIVE_INFINITY;
    if (this.#nowMs - saidAtMs < REPEAT_AFTER_MS) return;
    this.#saidAtMs.set(code, this.#nowMs);
    this.#messages.push(message);
  }

  /** A new encoder gets to hear everything anew. */
  reset(): void {
    this.#saidAtMs.clear();
  }

  take(): string[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}
