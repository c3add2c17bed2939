import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { extname } from "node:path";
import type { PeerLog } from "../peer-log.ts";
import type { Piece } from "../restream/piece.ts";
import type { PieceSink } from "../restream/piece-stream.ts";
import { PieceWriter } from "../restream/piece-writer.ts";
import type { Output, OutputContext } from "./output.ts";
import { badOutput } from "./output-registry.ts";

const FORMATS: Record<string, "ts" | "mp4"> = {
  ".ts": "ts",
  ".m2ts": "ts",
  ".mp4": "mp4",
  ".m4v": "mp4",
};
/** How long a stop waits for the disk, in ms. */
const FINISH_MS = 1000;

/** A recording. Where an MP4 has to begin anew, because a track changed, the next file does. */
export class FileOutput implements Output, PieceSink {
  readonly #path: string;
  readonly #format: "ts" | "mp4";
  #count = 0;
  /** What the next file begins with; undefined while there is nothing to write. */
  #header: Uint8Array | undefined;
  #file: WriteStream | undefined;
  #writer: PieceWriter | undefined;
  #log: PeerLog | undefined;
  #detach: () => void = () => {};

  /** @throws {NodePeerError} `bad-output` */
  constructor(readonly name: string) {
    this.#path = name.replace(/^file:(\/\/(?=\/))?/i, "");
    const format = FORMATS[extname(this.#path).toLowerCase()];
    if (format === undefined) {
      throw badOutput(
        name,
        `the name of the file says the format: ${Object.keys(FORMATS).join(", ")}`,
      );
    }
    this.#format = format;
  }

  async open({ restreamer, log }: OutputContext): Promise<void> {
    this.#log = log;
    try {
      // Not emptied before there is something to put in: this start may still fail.
      await (await open(this.#path, "a")).close();
    } catch (cause) {
      throw badOutput(this.name, `cannot be written: ${reasonOf(cause)}`, { cause });
    }
    this.#detach = restreamer[this.#format].attach(this);
  }

  async close(): Promise<void> {
    this.#detach();
    const file = this.#file;
    if (file === undefined || file.destroyed) return;
    const finished = once(file, "close", { signal: AbortSignal.timeout(FINISH_MS) });
    this.end();
    await finished.catch(() => this.#log?.warn({ output: this.name }, "not all was written"));
  }

  begin(header: Uint8Array): void {
    this.#header = header;
  }

  write(piece: Piece): void {
    if (piece.isEntry && this.#header !== undefined) this.#writer ??= this.#nextFile(this.#header);
    this.#writer?.write(piece);
  }

  end(): void {
    this.#writer?.end();
    this.#writer = undefined;
  }

  #nextFile(header: Uint8Array): PieceWriter {
    const file = createWriteStream(this.#nextPath());
    file.once("error", (error) => this.#failed(error));
    this.#file = file;
    const writer = new PieceWriter(file, {
      onSkip: () => this.#log?.warn({ output: this.name }, "the disk is slow: media left out"),
      onStuck: () => this.#failed(new Error("the disk takes nothing any more")),
    });
    writer.begin(header);
    return writer;
  }

  /** A full disk ends the recording, not the peer. */
  #failed(error: Error): void {
    this.#detach();
    this.#header = undefined;
    this.#writer = undefined;
    this.#file?.destroy();
    this.#log?.error({ output: this.name }, `recording stopped: ${reasonOf(error)}`);
  }

  #nextPath(): string {
    const extension = extname(this.#path);
    const number = ++this.#count === 1 ? "" : `-${this.#count}`;
    return `${this.#path.slice(0, -extension.length)}${number}${extension}`;
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "there is no such folder";
    case "EACCES":
    case "EPERM":
      return "not allowed here";
    case "EISDIR":
      return "it is a folder";
    case "ENOSPC":
      return "the disk is full";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
