import { IngestError } from "../ingest-error.ts";
import type { IngestLog } from "../ingest-log.ts";
import { outsideWalls } from "./crash-wall.ts";
import { HostedStream, type HostedStreamOptions, type StreamReport } from "./hosted-stream.ts";
import type { NamedStream } from "./stream-settings.ts";
import { STREAMS_MAX } from "./streams-file.ts";

export type StreamHostOptions = Pick<HostedStreamOptions, "run" | "backOff"> & {
  /** The log of the stream of that name. */
  logOf: (name: string) => IngestLog;
};

/** The streams of one process, by name. They come and go, and fail, without the others noticing. */
export class StreamHost {
  readonly #options: StreamHostOptions;
  readonly #streams = new Map<string, HostedStream>();

  constructor(options: StreamHostOptions) {
    this.#options = options;
  }

  get reports(): StreamReport[] {
    return [...this.#streams.values()].map(({ report }) => report);
  }

  report(name: string): StreamReport | undefined {
    return this.#streams.get(name)?.report;
  }

  /**
   * Opens a stream and keeps it running.
   * @throws {IngestError} When it cannot be opened: nothing of it stays.
   */
  async add(stream: NamedStream): Promise<StreamReport> {
    const hosted = this.#host(stream);
    try {
      await outsideWalls(() => hosted.start());
    } catch (error) {
      this.#streams.delete(stream.name);
      throw error;
    }
    return hosted.report;
  }

  /**
   * The same for a stream of a file: one that cannot be opened now keeps nobody else from starting,
   * and is tried again. Settles after the first try.
   * @throws {IngestError} `name-taken`, `too-many-streams`
   */
  async keep(stream: NamedStream): Promise<void> {
    const hosted = this.#host(stream);
    await outsideWalls(() => hosted.keepTrying());
  }

  /** @returns Whether there was such a stream; it is closed then. */
  async remove(name: string): Promise<boolean> {
    const hosted = this.#streams.get(name);
    if (hosted === undefined) return false;
    // The name is free when its ports and keys are.
    await hosted.close();
    this.#streams.delete(name);
    return true;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.keys()].map((name) => this.remove(name)));
  }

  /** @throws {IngestError} `name-taken`, `too-many-streams` */
  #host(stream: NamedStream): HostedStream {
    const { run, logOf, backOff } = this.#options;
    if (this.#streams.has(stream.name)) {
      throw new IngestError("name-taken", `there is a stream ${stream.name} already`);
    }
    if (this.#streams.size >= STREAMS_MAX) {
      throw new IngestError(
        "too-many-streams",
        `one process carries ${STREAMS_MAX} streams; start another`,
      );
    }
    const log = logOf(stream.name);
    const hosted = new HostedStream({ stream, run, log, ...(backOff && { backOff }) });
    this.#streams.set(stream.name, hosted);
    return hosted;
  }
}
