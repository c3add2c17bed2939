import type { Readable } from "node:stream";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { describeFailure } from "./describe-failure.ts";
import { readSlices } from "./slices.ts";

/** One stream of bytes, once: standard input. What feeds it may be live or a file. */
export class StreamSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #open: () => Readable;

  /** @param open Called when iteration begins; the stream is destroyed at its end. */
  constructor(
    readonly name: string,
    readonly description: string,
    open: () => Readable,
  ) {
    this.#open = open;
  }

  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    if (signal.aborted) return;
    yield { type: "start", description: this.description };
    let reason = "end of input";
    try {
      for await (const bytes of readSlices(this.#open(), signal)) yield { type: "bytes", bytes };
    } catch (error) {
      reason = describeFailure(error);
    }
    if (!signal.aborted) yield { type: "end", reason: `${this.description}: ${reason}` };
  }
}
