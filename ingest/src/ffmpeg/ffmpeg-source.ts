import type { Ladder } from "../ladder/ladder.ts";
import { LadderPackager } from "../ladder/ladder-packager.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import type { Packager } from "../packager.ts";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { type ConnectionOptions, keepConnecting } from "../sources/keep-connecting.ts";
import { DEFAULT_SILENCE_MS } from "../sources/silence.ts";
import { readSlices } from "../sources/slices.ts";
import { type FfmpegCommand, FfmpegProcess } from "./ffmpeg-process.ts";

export type FfmpegSourceOptions = ConnectionOptions & {
  /**
   * For what waits for an encoder: whether it can, and what to say about it.
   * @throws {IngestError} When it cannot, for one because the port is taken.
   */
  listen?: () => Promise<string>;
  /** What its output consists of. Default: one picture and its sound. */
  ladder?: Ladder | undefined;
};

/** Whatever ffmpeg opens, again and again when it ends. */
export class FfmpegSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #command: FfmpegCommand;
  readonly #options: FfmpegSourceOptions;

  /** @param name What to call it: without secrets. */
  constructor(
    readonly name: string,
    command: FfmpegCommand,
    options: FfmpegSourceOptions = {},
  ) {
    this.#command = command;
    this.#options = options;
  }

  createPackager(options: { chunkMs: number }): Packager {
    const { ladder } = this.#options;
    return ladder === undefined ? new TsPackager(options) : new LadderPackager(ladder, options);
  }

  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    if (signal.aborted) return;
    const { listen } = this.#options;
    if (listen !== undefined) yield { type: "waiting", message: await listen() };
    const attempt = { description: this.name, read: () => this.#read(signal) };
    yield* keepConnecting(this.name, attempt, signal, this.#options);
  }

  async *#read(signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const ffmpeg = new FfmpegProcess(this.#command);
    const silence = this.#guardSilence(ffmpeg);
    try {
      for await (const bytes of readSlices(ffmpeg.stdout, signal)) {
        silence.pause();
        yield bytes;
        silence.resume();
      }
      const failure = signal.aborted ? undefined : await ffmpeg.failure();
      if (failure !== undefined) throw new Error(failure);
    } finally {
      silence.pause();
      await ffmpeg.stop();
    }
  }

  /** Gives up an ffmpeg that hangs, or whose encoder vanished. Our own pauses do not count. */
  #guardSilence({ stdout }: FfmpegProcess): { pause(): void; resume(): void } {
    const silenceMs = this.#options.silenceMs ?? DEFAULT_SILENCE_MS;
    const giveUp = () => stdout.destroy(new Error(`nothing came for ${silenceMs / 1000} s`));
    let timer: NodeJS.Timeout | undefined;
    const guard = {
      pause: () => clearTimeout(timer),
      resume: () => {
        timer = setTimeout(giveUp, silenceMs);
      },
    };
    // Who waits for an encoder waits as long as it takes.
    if (this.#options.listen === undefined) guard.resume();
    return guard;
  }
}
