import type { IngestLog } from "./ingest-log.ts";
import { type IngestEvent, packagedEvents } from "./packaged-events.ts";
import type { Packager } from "./packager.ts";
import type { Publisher } from "./publisher.ts";
import type { Source } from "./source.ts";

export type FeedOptions = {
  source: Source;
  packager: Packager;
  publisher: Publisher;
  log: IngestLog;
  /** An encoder that is connected but sends no chunk for this long counts as gone, in ms.
   * Default 5000: longer than the pauses of any sane encoder. */
  silentAfterMs?: number;
  /** How long nothing may come before a slate takes its place, in ms. Default: there is none. */
  slateAfterMs?: number | undefined;
};

export type Feed = {
  /**
   * Settles when the source has given its first sign of life, or after a moment without one.
   * Rejects with the source's `IngestError` when it could not be opened at all.
   */
  readonly opened: Promise<void>;
  /**
   * Settles when the source has ended for good, or after {@link close}; with one line when that was
   * because something is wrong with it. Never rejects.
   */
  readonly done: Promise<string | undefined>;
  close(): Promise<void>;
};

const SILENT_AFTER_MS = 5000;
/** What cannot be opened says so at once; a server that is away is not waited for. In ms. */
const OPENED_WITHIN_MS = 300;

/** Carry what a source yields through the packager to the publisher, whatever the encoder does. */
export function feedPublisher(options: FeedOptions): Feed {
  const abort = new AbortController();
  const opening = new Opening();
  const done = feed(options, opening, abort.signal);
  return {
    opened: opening.settled,
    done,
    async close() {
      abort.abort();
      await done;
    },
  };
}

async function feed(
  options: FeedOptions,
  opening: Opening,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { source, packager, publisher, log, slateAfterMs } = options;
  const { silentAfterMs = SILENT_AFTER_MS } = options;
  const watch = new SilenceWatch(options, silentAfterMs);
  let isConnected = false;
  try {
    for await (const event of packagedEvents(source, packager, { slateAfterMs, signal })) {
      opening.succeeded();
      if (event.type === "chunk") watch.heard();
      // A looped file starts over all the time: no news.
      if (event.type === "start" && isConnected) continue;
      if (event.type === "start" || event.type === "end") isConnected = event.type === "start";
      take(event, options);
    }
    if (!signal.aborted) log.info({ input: source.name }, "input ended");
    return undefined;
  } catch (error) {
    opening.failed(error);
    // Whatever is wrong with the input, the stream, its viewers and the server stay.
    const problem = error instanceof Error ? error.message : String(error);
    log.error({ input: source.name }, problem);
    return problem;
  } finally {
    watch.stop();
    opening.succeeded();
    publisher.encoderGone();
  }
}

function take(event: IngestEvent, { publisher, log, slateAfterMs }: FeedOptions): void {
  switch (event.type) {
    case "track":
    case "chunk":
      try {
        publisher.accept(event);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        log.warn({}, `left out: ${error.message}`);
      }
      return;
    case "start":
      log.info({ from: event.description }, "encoder connected");
      return;
    case "end":
      log.info({ reason: event.reason }, "encoder gone");
      // With a slate the stream goes on; where there is none to show, the silence is noticed.
      if (slateAfterMs === undefined) publisher.encoderGone();
      return;
    case "slate":
      log.warn({}, "nothing comes: a slate is shown until an encoder is back");
      return;
    case "waiting":
      log.info({}, event.message);
      return;
    case "warning":
      log.warn({}, event.message);
      return;
  }
}

/** Whether the source could be opened: settled once, by whatever comes first. */
class Opening {
  readonly settled: Promise<void>;
  succeeded: () => void = () => {};
  failed: (error: unknown) => void = () => {};

  constructor() {
    this.settled = new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, OPENED_WITHIN_MS);
      this.succeeded = () => {
        clearTimeout(timer);
        resolve();
      };
      this.failed = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
    // Nobody has to ask.
    this.settled.catch(() => {});
  }
}

/** Notices an encoder that keeps its connection and sends nothing. */
class SilenceWatch {
  readonly #timer: NodeJS.Timeout;
  #heardAtMs = performance.now();

  constructor({ publisher, log }: FeedOptions, silentAfterMs: number) {
    this.#timer = setInterval(() => {
      const silentMs = performance.now() - this.#heardAtMs;
      if (!publisher.descriptor.isLive || silentMs < silentAfterMs) return;
      log.warn({}, `no media for ${Math.round(silentMs / 1000)} s, but the encoder is connected`);
      publisher.encoderGone();
    }, silentAfterMs / 5);
  }

  heard(): void {
    this.#heardAtMs = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
