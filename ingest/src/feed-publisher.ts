import type { IngestLog } from "./ingest-log.ts";
import type { Packager, PackagerEvent } from "./packager.ts";
import type { Publisher } from "./publisher.ts";
import type { Source, SourceEvent } from "./source.ts";

export type FeedOptions = {
  source: Source;
  packager: Packager;
  publisher: Publisher;
  log: IngestLog;
  /** Lets an event through when it is due; resolves at once for sources with a pace of their own. */
  pace: (event: PackagerEvent, signal: AbortSignal) => Promise<void> | void;
  /** An encoder that is connected but sends no chunk for this long counts as gone, in ms.
   * Default 5000: longer than the pauses of any sane encoder. */
  silentAfterMs?: number;
};

export type Feed = {
  /** Settles when the source has ended for good, or after {@link close}. Never rejects. */
  readonly done: Promise<void>;
  close(): Promise<void>;
};

const SILENT_AFTER_MS = 5000;

/** Carry what a source yields through the packager to the publisher, whatever the encoder does. */
export function feedPublisher(options: FeedOptions): Feed {
  const abort = new AbortController();
  const feeder = new Feeder(options, abort.signal);
  const done = feeder.run();
  return {
    done,
    close() {
      abort.abort();
      return done;
    },
  };
}

class Feeder {
  readonly #options: FeedOptions;
  readonly #signal: AbortSignal;
  #isOpen = false;
  #lastChunkMs = 0;

  constructor(options: FeedOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { source, packager, publisher, log, silentAfterMs = SILENT_AFTER_MS } = this.#options;
    const watch = setInterval(() => this.#watchSilence(silentAfterMs), silentAfterMs / 5);
    try {
      for await (const event of source.events(this.#signal)) {
        await this.#handle(event);
        if (this.#signal.aborted) return;
      }
      await this.#publish(packager.flush());
      if (!this.#signal.aborted) log.info({ source: source.name }, "input ended");
    } catch (error) {
      // Whatever went wrong with the input, the stream, its viewers and the server stay.
      if (!this.#signal.aborted) log.error({ err: error }, "input failed");
    } finally {
      clearInterval(watch);
      publisher.encoderGone();
    }
  }

  async #handle(event: SourceEvent): Promise<void> {
    const { packager, publisher, log } = this.#options;
    switch (event.type) {
      case "bytes":
        await this.#publish(packager.push(event.bytes, Date.now()));
        return;
      case "start":
        log.info({ from: event.description }, "encoder connected");
        if (this.#isOpen) await this.#publish(packager.discontinuity());
        this.#isOpen = true;
        return;
      case "end":
        log.info({ reason: event.reason }, "encoder gone");
        await this.#publish(packager.discontinuity());
        this.#isOpen = false;
        publisher.encoderGone();
        return;
      case "warning":
        log.warn({}, event.message);
        return;
    }
  }

  async #publish(events: readonly PackagerEvent[]): Promise<void> {
    const { publisher, pace, log } = this.#options;
    for (const event of events) {
      if (event.type === "warning") log.warn({}, event.message);
      await pace(event, this.#signal);
      if (this.#signal.aborted) return;
      if (event.type === "chunk") this.#lastChunkMs = performance.now();
      try {
        publisher.accept(event);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        log.warn({}, `chunk left out: ${error.message}`);
      }
    }
  }

  #watchSilence(silentAfterMs: number): void {
    const { publisher, log } = this.#options;
    const silentMs = performance.now() - this.#lastChunkMs;
    if (!publisher.descriptor.isLive || silentMs < silentAfterMs) return;
    log.warn({}, `no media for ${Math.round(silentMs / 1000)} s, the encoder is there but silent`);
    publisher.encoderGone();
  }
}
