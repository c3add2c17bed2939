import { createWriteStream, fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";
import { PieceWriter } from "../restream/piece-writer.ts";
import type { Output, OutputContext } from "./output.ts";
import { badOutput } from "./output-registry.ts";

const STANDARD_OUTPUT = 1;

/** The transport stream on standard output, for a player or tool behind a pipe. */
export class PipeOutput implements Output {
  readonly name = "-";
  #stream: Writable | undefined;

  async open({ restreamer, log, onReaderGone }: OutputContext): Promise<void> {
    if (isatty(STANDARD_OUTPUT)) {
      throw badOutput(this.name, "standard output is a terminal; pipe it into a player or a file");
    }
    const stream = openStandardOutput();
    this.#stream = stream;
    const writer = new PieceWriter(stream, {
      onSkip: () => log.warn({}, "the reader of standard output is slow: media left out"),
      // A player on pause takes nothing, and may go on later.
      onStuck: () => {},
    });
    const detach = restreamer.ts.attach(writer);
    stream.on("error", () => stream.destroy());
    stream.once("close", () => {
      detach();
      onReaderGone();
    });
  }

  async close(): Promise<void> {
    this.#stream?.end();
  }
}

/** Not `process.stdout`: it cannot be closed, and Node documents that writing to it may block. */
function openStandardOutput(): Writable {
  const stat = fstatSync(STANDARD_OUTPUT);
  return stat.isFIFO() || stat.isSocket()
    ? new Socket({ fd: STANDARD_OUTPUT, readable: false, writable: true })
    : createWriteStream("", { fd: STANDARD_OUTPUT, autoClose: false });
}
