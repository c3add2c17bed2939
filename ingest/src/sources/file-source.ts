import { createReadStream, statSync } from "node:fs";
import { IngestError } from "../ingest-error.ts";
import type { Source, SourceEvent } from "../source.ts";
import { describeFailure } from "./describe-failure.ts";
import { readSlices } from "./slices.ts";

export type FileSourceOptions = {
  /** Default: the path. */
  name?: string;
  /** Start over at the end, for ever. */
  loop: boolean;
};

/** A file, read as fast as it is asked for: once, or again and again. */
export class FileSource implements Source {
  readonly name: string;
  readonly aheadMs = 0;
  readonly #path: string;
  readonly #isLooped: boolean;

  /** @throws {IngestError} `input-unreadable` */
  constructor(path: string, { name = path, loop }: FileSourceOptions) {
    this.name = name;
    this.#path = path;
    this.#isLooped = loop;
    this.#check();
  }

  /** A loop shows as `start` alone: nobody went away. */
  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    do {
      if (signal.aborted) return;
      yield { type: "start", description: this.name };
      let isEmpty = true;
      try {
        const stream = createReadStream(this.#path);
        for await (const bytes of readSlices(stream, signal)) {
          isEmpty = false;
          yield { type: "bytes", bytes };
        }
      } catch (error) {
        throw this.#unreadable(describeFailure(error), error);
      }
      if (isEmpty && !signal.aborted) throw this.#unreadable("is empty");
    } while (this.#isLooped);
    if (!signal.aborted) yield { type: "end", reason: `${this.name}: end of file` };
  }

  #check(): void {
    let stat: ReturnType<typeof statSync>;
    try {
      stat = statSync(this.#path);
    } catch (error) {
      throw this.#unreadable(describeFailure(error), error);
    }
    if (stat?.isDirectory()) throw this.#unreadable("is a folder");
  }

  #unreadable(why: string, cause?: unknown): IngestError {
    return new IngestError("input-unreadable", `cannot read input ${this.name}: ${why}`, { cause });
  }
}
