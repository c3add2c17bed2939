import type { Signal } from "#protocol";
import { LINK_HIGH_WATER_BYTES, type LinkCloseReason, type LinkHandlers } from "./link.ts";

/**
 * Keeps the promises of {@link LinkHandlers}, in whatever order and however often the library
 * underneath calls: opened once and before any message, closed once and nothing afterwards. Shared
 * by all kinds of links.
 */
export class LinkEvents {
  readonly #handlers: LinkHandlers;
  readonly #onThrow: (error: unknown) => void;
  #phase: "opening" | "open" | "closing" | "closed" = "opening";
  #isAboveHighWater = false;

  /**
   * @param onThrow A handler threw: a bug in the owner. Not passed on to the caller, which may be
   * native code that dies of it.
   */
  constructor(handlers: LinkHandlers, onThrow: (error: unknown) => void) {
    this.#handlers = handlers;
    this.#onThrow = onThrow;
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** False from the owner's `close` on, too. */
  get isAlive(): boolean {
    return this.#phase === "opening" || this.#phase === "open";
  }

  opened(): void {
    if (this.#phase !== "opening") return;
    this.#phase = "open";
    this.#call(() => this.#handlers.onOpen());
  }

  /** A message may overtake the library's own word that the channel is open. */
  received(bytes: Uint8Array): void {
    this.opened();
    if (this.isOpen) this.#call(() => this.#handlers.onMessage(bytes));
  }

  signaled(signal: Signal): void {
    if (this.isAlive) this.#call(() => this.#handlers.onSignal(signal));
  }

  /** @param bufferedBytes What the channel holds right after a `send`. */
  sent(bufferedBytes: number): void {
    if (bufferedBytes >= LINK_HIGH_WATER_BYTES) this.#isAboveHighWater = true;
  }

  /** The channel's buffer is at the low water mark or below. */
  drained(): void {
    if (!this.isOpen || !this.#isAboveHighWater) return;
    this.#isAboveHighWater = false;
    this.#call(() => this.#handlers.onDrain());
  }

  /** The owner's `close`: says so to the owner later, never from inside the call. */
  closeHere(): void {
    if (!this.isAlive) return;
    this.#phase = "closing";
    queueMicrotask(() => this.#finish("closed-here"));
  }

  /** Returns whether this was news. */
  closed(reason: LinkCloseReason): boolean {
    if (!this.isAlive) return false;
    this.#finish(reason);
    return true;
  }

  #finish(reason: LinkCloseReason): void {
    this.#phase = "closed";
    this.#call(() => this.#handlers.onClose(reason));
  }

  #call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.#onThrow(error);
    }
  }
}
