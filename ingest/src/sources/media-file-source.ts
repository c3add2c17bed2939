import { closeSync, openSync, readSync } from "node:fs";
import { ALL_FORMATS, FilePathSource, Input } from "mediabunny";
import { CONTAINER_HEAD_BYTES, containerKind } from "../container/container-kind.ts";
import { mediaPackets } from "../container/media-packets.ts";
import { IngestError } from "../ingest-error.ts";
import type { Source, SourceEvent } from "../source.ts";
import { describeFailure } from "./describe-failure.ts";

/** Whether a file is MP4, QuickTime, Matroska or WebM by its first bytes; false when it cannot be read. */
export function isMediaFile(path: string): boolean {
  const head = new Uint8Array(CONTAINER_HEAD_BYTES);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
  return containerKind(head) !== undefined;
}

/** A film in a container made for files: its packets, as they are. */
export class MediaFileSource implements Source {
  readonly name: string;
  readonly aheadMs = 0;
  readonly #isLooped: boolean;
  /** Said once, however often it is played. */
  #lastWarning: string | undefined;

  constructor(path: string, { loop }: { loop: boolean }) {
    this.name = path;
    this.#isLooped = loop;
  }

  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    do {
      if (signal.aborted) return;
      yield { type: "start", description: this.name };
      yield* this.#playOnce(signal);
    } while (this.#isLooped);
    if (!signal.aborted) yield { type: "end", reason: `${this.name}: end of file` };
  }

  /** @throws {IngestError} `input-unreadable`, or `input-unsupported` when nothing in it can be played. */
  async *#playOnce(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    const input = new Input({ source: new FilePathSource(this.name), formats: ALL_FORMATS });
    let packets = 0;
    try {
      if (!(await input.canRead())) throw this.#unreadable("no media in it that we know");
      for await (const event of mediaPackets(input)) {
        if (signal.aborted) return;
        if (event.type === "packet") packets++;
        else if (event.message === this.#lastWarning) continue;
        else this.#lastWarning = event.message;
        yield event;
      }
    } catch (error) {
      if (error instanceof IngestError) throw error;
      throw this.#unreadable(describeFailure(error), error);
    } finally {
      input.dispose();
    }
    if (packets > 0 || signal.aborted) return;
    const why = this.#lastWarning ?? "there is nothing in it";
    throw new IngestError("input-unsupported", `cannot stream ${this.name}: ${why}`);
  }

  #unreadable(why: string, cause?: unknown): IngestError {
    return new IngestError("input-unreadable", `cannot read input ${this.name}: ${why}`, { cause });
  }
}
