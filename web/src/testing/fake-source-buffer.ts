import type { SourceBufferLike } from "../sink/append-queue.ts";

/** Writes down what it is asked to do, and stays `updating` until `finish()`. */
export class FakeSourceBuffer extends EventTarget implements SourceBufferLike {
  readonly operations: string[] = [];
  updating = false;
  /** Appends that fit; then `QuotaExceededError` until something is removed. */
  room = Number.POSITIVE_INFINITY;
  /** What a removal makes room for. */
  roomPerRemove = 1;

  appendBuffer(bytes: BufferSource): void {
    this.#assertIdle();
    if (this.room <= 0) throw new DOMException("full", "QuotaExceededError");
    this.room--;
    this.#begin(`append ${new Uint8Array(bytes as ArrayBuffer).join(",")}`);
  }

  remove(startSec: number, endSec: number): void {
    this.#assertIdle();
    this.room += this.roomPerRemove;
    this.#begin(`remove ${startSec}-${endSec}`);
  }

  changeType(mimeType: string): void {
    this.#assertIdle();
    this.operations.push(`type ${mimeType}`);
  }

  /** The browser is done with the operation under way. */
  finish(): void {
    this.updating = false;
    this.dispatchEvent(new Event("updateend"));
  }

  #begin(operation: string): void {
    this.operations.push(operation);
    this.updating = true;
  }

  #assertIdle(): void {
    if (this.updating) throw new DOMException("updating", "InvalidStateError");
  }
}
