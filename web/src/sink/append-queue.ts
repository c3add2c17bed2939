/** The part of a `SourceBuffer` we use. */
export type SourceBufferLike = Pick<
  SourceBuffer,
  "updating" | "appendBuffer" | "remove" | "changeType" | "addEventListener"
>;

type Operation =
  | { type: "append"; bytes: Uint8Array }
  | { type: "change-type"; mimeType: string }
  | { type: "remove"; startSec: number; endSec: number };

export type AppendQueueHandlers = {
  /** An operation took effect: `buffered` has changed. */
  onUpdate(): void;
  /** Media before this time, in seconds, may go when the browser's quota is used up. */
  removableBeforeSec(): number;
  /** The quota is used up and there is nothing left to remove. */
  onFull(): void;
  /** The browser refused the bytes; the MediaSource is beyond repair. */
  onError(cause: unknown): void;
};

/** Operations waiting for one source buffer: 20 s of chunks. Beyond that the browser hangs. */
const OPERATIONS_MAX = 128;

/**
 * One operation after another for one source buffer, which takes a new one only when it is not
 * `updating`. Each append is one init segment or one whole chunk, exactly as it was published.
 */
export class AppendQueue {
  readonly #buffer: SourceBufferLike;
  readonly #handlers: AppendQueueHandlers;
  readonly #operations: Operation[] = [];
  #isMakingRoom = false;
  #isDead = false;

  constructor(buffer: SourceBufferLike, handlers: AppendQueueHandlers) {
    this.#buffer = buffer;
    this.#handlers = handlers;
    buffer.addEventListener("updateend", () => {
      if (this.#isDead) return;
      this.#run();
      handlers.onUpdate();
    });
    buffer.addEventListener("error", () => this.#fail(new Error("the browser refused the media")));
  }

  append(bytes: Uint8Array): void {
    this.#add({ type: "append", bytes });
  }

  /** What follows is of this type: `video/mp4; codecs="avc1.64001e"`. */
  changeType(mimeType: string): void {
    this.#add({ type: "change-type", mimeType });
  }

  remove(startSec: number, endSec: number): void {
    if (endSec > startSec) this.#add({ type: "remove", startSec, endSec });
  }

  /** Forget what waits and what was appended. What follows may be of any time. */
  clear(): void {
    // Whoever appends counts on its type.
    const types = this.#operations.filter(({ type }) => type === "change-type");
    this.#operations.splice(0, this.#operations.length, ...types);
    this.remove(0, Number.POSITIVE_INFINITY);
  }

  /** Nothing is called and nothing done any more. */
  close(): void {
    this.#isDead = true;
    this.#operations.length = 0;
  }

  #add(operation: Operation): void {
    if (this.#isDead) return;
    if (this.#operations.length >= OPERATIONS_MAX) {
      this.#fail(new Error("the browser takes no media any more"));
      return;
    }
    this.#operations.push(operation);
    this.#run();
  }

  #run(): void {
    while (!this.#isDead && !this.#buffer.updating) {
      const operation = this.#operations[0];
      if (operation === undefined) return;
      try {
        this.#perform(operation);
        this.#operations.shift();
        if (operation.type === "append") this.#isMakingRoom = false;
      } catch (error) {
        if (!isQuotaExceeded(error)) return this.#fail(error);
        if (!this.#makeRoom()) return;
      }
    }
  }

  #perform(operation: Operation): void {
    switch (operation.type) {
      case "append":
        return this.#buffer.appendBuffer(operation.bytes as Uint8Array<ArrayBuffer>);
      case "change-type":
        return this.#buffer.changeType(operation.mimeType);
      case "remove":
        return this.#buffer.remove(operation.startSec, operation.endSec);
    }
  }

  /** @returns Whether it makes sense to go on. */
  #makeRoom(): boolean {
    const endSec = this.#handlers.removableBeforeSec();
    if (this.#isMakingRoom || endSec <= 0) {
      this.#isMakingRoom = false;
      this.#operations.length = 0;
      this.#handlers.onFull();
      return false;
    }
    this.#isMakingRoom = true;
    this.#operations.unshift({ type: "remove", startSec: 0, endSec });
    return true;
  }

  #fail(cause: unknown): void {
    if (this.#isDead) return;
    this.close();
    this.#handlers.onError(cause);
  }
}

function isQuotaExceeded(error: unknown): boolean {
  return error instanceof Error && error.name === "QuotaExceededError";
}
