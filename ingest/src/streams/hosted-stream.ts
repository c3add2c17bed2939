import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { IngestError } from "../ingest-error.ts";
import type { IngestLog } from "../ingest-log.ts";
import { type BackOffOptions, backOffMs } from "../sources/back-off.ts";
import { TEST_PATTERN_INPUT } from "../sources/create-source.ts";
import { maskSecrets } from "../sources/mask-secrets.ts";
import { behindWall } from "./crash-wall.ts";
import type { RunningStream } from "./run-stream.ts";
import type { NamedStream, StreamSettings } from "./stream-settings.ts";

/**
 * - `starting`: being opened
 * - `waiting`: open, and no encoder is sending
 * - `live`: an encoder is sending
 * - `ended`: the input is over, and there will be no more
 * - `failed`: something is wrong, `problem` says what; it is tried again by itself
 */
export type HostedState = "starting" | "waiting" | "live" | "ended" | "failed";

/** One stream of the process, for people and the control API. Fields are added, never changed. */
export type StreamReport = {
  name: string;
  /** Null until its key was read. */
  streamId: string | null;
  title: string;
  /** Without its secrets. */
  input: string;
  state: HostedState;
  /** One line; null when nothing is wrong. */
  problem: string | null;
  /** Times it failed and was started anew. */
  restarts: number;
  /** Where encoders push to, seen from the server's own address; null for other inputs. */
  publishPath: string | null;
};

export type HostedStreamOptions = {
  stream: NamedStream;
  run: (settings: StreamSettings, log: IngestLog) => Promise<RunningStream>;
  log: IngestLog;
  /** Between two tries. Default 1 to 30 s: what is wrong with an input is rarely gone sooner. */
  backOff?: BackOffOptions;
};

const RETRY: BackOffOptions = { minDelayMs: 1000, maxDelayMs: 30_000 };
/** A stream that ran for so long failed for another reason than last time, in ms. */
const LONG_RUN_MS = 60_000;

/** Settles when a run is over: with the problem, if there was one. */
type Run = { over: Promise<string | undefined> };

/** One stream that is kept running: what goes wrong with it stays behind its wall. */
export class HostedStream {
  readonly #options: HostedStreamOptions;
  readonly #closing = new AbortController();
  #running: RunningStream | undefined;
  #state: HostedState = "starting";
  #problem: string | undefined;
  #restarts = 0;
  #failures = 0;
  #streamId: string | undefined;
  #keeping: Promise<void> = Promise.resolve();
  /** Settles the run that is under way; what comes later belongs to nobody. */
  #crashed: (problem: string) => void = () => {};

  constructor(options: HostedStreamOptions) {
    this.#options = options;
  }

  get report(): StreamReport {
    const { name, settings } = this.#options.stream;
    const publishKey = this.#running?.publishKey;
    return {
      name,
      streamId: this.#streamId ?? null,
      title: settings.title,
      input: maskSecrets(settings.input ?? TEST_PATTERN_INPUT),
      state: this.#state === "waiting" && this.#isLive ? "live" : this.#state,
      problem: this.#problem ?? null,
      restarts: this.#restarts,
      publishPath: publishKey === undefined ? null : `/publish/${publishKey}`,
    };
  }

  /**
   * Opens the stream and keeps it running from then on.
   * @throws {IngestError} When it cannot be opened; it is not tried again.
   */
  async start(): Promise<void> {
    const opening = this.#open();
    this.#keeping = opening.then(
      (run) => this.#keep(run),
      () => {},
    );
    await opening;
  }

  /**
   * The same, but what cannot be opened now is tried again until it can. Settles after the first
   * try. Never rejects.
   */
  async keepTrying(): Promise<void> {
    const opening = this.#tryOpen();
    this.#keeping = opening.then((run) => this.#keep(run));
    await opening;
  }

  /** Settles when nothing of it is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#keeping;
  }

  get #isLive(): boolean {
    return this.#running?.publisher.descriptor.isLive ?? false;
  }

  async #open(): Promise<Run> {
    const { stream, run, log } = this.#options;
    this.#state = "starting";
    const crashed = new Promise<string>((resolve) => {
      this.#crashed = resolve;
    });
    const onCrash = (error: unknown) => {
      log.error({ err: error }, "stream crashed");
      this.#crashed(`crashed: ${textOf(error)}`);
    };
    const opening = behindWall(onCrash, () => run(stream.settings, log));
    const opened = await Promise.race([opening, crashed]);
    if (typeof opened === "string") {
      opening.then(
        (late) => late.close(),
        () => {},
      );
      throw new IngestError("stream-crashed", opened);
    }
    this.#running = opened;
    this.#streamId = opened.publisher.streamId;
    this.#state = "waiting";
    this.#problem = undefined;
    return { over: Promise.race([opened.ended, crashed]) };
  }

  async #tryOpen(): Promise<Run> {
    try {
      return await this.#open();
    } catch (error) {
      return { over: Promise.resolve(textOf(error)) };
    }
  }

  async #keep(first: Run): Promise<void> {
    const { signal } = this.#closing;
    const closed = signal.aborted ? Promise.resolve() : once(signal, "abort");
    for (let run = first; ; run = await this.#tryOpen()) {
      const startedAtMs = performance.now();
      const problem = await Promise.race([run.over, closed.then(() => undefined)]);
      if (problem === undefined && !signal.aborted) {
        this.#state = "ended";
        await closed;
      }
      if (signal.aborted) return this.#stop();
      if (performance.now() - startedAtMs > LONG_RUN_MS) this.#failures = 0;
      await this.#failed(problem ?? "");
      if (signal.aborted) return;
      this.#restarts++;
    }
  }

  /** Takes down what is left of it, and waits until it is time to try again. */
  async #failed(problem: string): Promise<void> {
    const { log, backOff = RETRY } = this.#options;
    this.#state = "failed";
    this.#problem = problem;
    const waitMs = Math.round(backOffMs(backOff, this.#failures++, Math.random()));
    log.error({ retryInMs: waitMs }, `stream failed: ${problem}`);
    await this.#stop();
    await delay(waitMs, undefined, { signal: this.#closing.signal }).catch(() => {});
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    try {
      await running?.close();
    } catch (error) {
      this.#options.log.error({ err: error }, "stream could not be closed in order");
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
