import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { IngestError, SLICE_BYTES, sources } from "livemesh/ingest";

/** The .ts files of a folder, one after the other, for ever: a channel of one's own. */
class FolderSource {
  /** What is read from disk comes as fast as it is asked for: livemesh keeps the pace. */
  aheadMs = 0;

  constructor(name, folder) {
    this.name = name;
    this.folder = folder;
  }

  async *events(signal) {
    while (!signal.aborted) {
      for (const file of await this.files()) {
        if (signal.aborted) return;
        // Time stamps may start anywhere: the stream goes on where the file before ended.
        yield { type: "start", description: file };
        yield* this.bytesOf(file, signal);
      }
    }
  }

  async *bytesOf(file, signal) {
    const stream = createReadStream(path.join(this.folder, file), { highWaterMark: SLICE_BYTES });
    for await (const bytes of stream) {
      // Leaving the loop closes the file.
      if (signal.aborted) return;
      yield { type: "bytes", bytes };
    }
  }

  /** Anew in each round: files may come and go. */
  async files() {
    const names = await readdir(this.folder).catch(() => []);
    const files = names.filter((name) => /\.(ts|m2ts)$/i.test(name)).sort();
    if (files.length > 0) return files;
    throw new IngestError("input-unreadable", `there are no .ts files in ${this.folder}`);
  }
}

sources.register({
  schemes: ["folder"],
  form: "folder:PATH",
  summary: "the .ts files of a folder, one after the other, endless",
  create: (input) => new FolderSource(input, input.slice("folder:".length)),
});
