import { setTimeout as delay } from "node:timers/promises";
import { FfmpegProcess } from "../ffmpeg/ffmpeg-process.ts";
import type { Packager } from "../packager.ts";
import type { Source, SourceEvent } from "../source.ts";
import { slices } from "../sources/slices.ts";
import type { Ladder } from "./ladder.ts";
import { DECODE_SOON, ladderArgs } from "./ladder-args.ts";
import { LadderPackager } from "./ladder-packager.ts";

export type TranscodedSourceOptions = {
  ladder: Ladder;
  /** Path of the program. */
  ffmpeg: string;
  /** Pause before an ffmpeg that failed is started anew, in ms. Default 1000. */
  restartMs?: number;
};

type Next = IteratorResult<SourceEvent, void>;

/** What is looked at before the first picture is encoded, in bytes and µs: program tables of MPEG-TS
 * come ten times a second. Frame rates are not counted. */
const FROM_PIPE = [
  ...["-fpsprobesize", "0", "-probesize", "500000", "-analyzeduration", "1000000"],
  ...["-i", "pipe:0"],
];
/** A file is not late, and wants its first second. */
const LIVE = ["-fflags", "nobuffer", ...DECODE_SOON];

/** What another source yields, through an ffmpeg that makes a ladder of it. */
export class TranscodedSource implements Source {
  readonly name: string;
  readonly aheadMs: number;
  readonly #inner: Source;
  readonly #options: TranscodedSourceOptions;
  #lastWarning: string | undefined;

  constructor(inner: Source, options: TranscodedSourceOptions) {
    this.name = inner.name;
    this.aheadMs = inner.aheadMs;
    this.#inner = inner;
    this.#options = options;
  }

  createPackager(options: { chunkMs: number }): Packager {
    return new LadderPackager(this.#options.ladder, options);
  }

  /** What comes out waits to be asked for, and then ffmpeg waits, and then the inner source. */
  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    const stopped = new AbortController();
    const inner = this.#inner.events(AbortSignal.any([signal, stopped.signal]));
    const events = inner[Symbol.asyncIterator]();
    try {
      let next: Next = await events.next();
      while (!next.done && !signal.aborted) {
        if (next.value.type === "bytes") {
          next = yield* this.#encode(next.value.bytes, events, signal);
        } else {
          yield next.value;
          next = await events.next();
        }
      }
    } finally {
      stopped.abort();
    }
  }

  /** One run of ffmpeg. @returns What comes after it. */
  async *#encode(
    first: Uint8Array,
    events: AsyncIterator<SourceEvent, void>,
    signal: AbortSignal,
  ): AsyncGenerator<SourceEvent, Next, void> {
    const { ffmpeg: path, ladder, restartMs = 1000 } = this.#options;
    const input = [...(this.aheadMs > 0 ? LIVE : []), ...FROM_PIPE];
    const codecs = ladderArgs(ladder);
    const ffmpeg = new FfmpegProcess({ path, input, codecs, secrets: [], isFed: true });
    const after = this.#feed(ffmpeg, first, events);
    // Who asks hears of it; who was stopped does not care.
    after.catch(() => {});
    const stop = () => ffmpeg.stdout.destroy();
    signal.addEventListener("abort", stop);
    try {
      yield* bytesOf(ffmpeg, signal);
      if (signal.aborted) return { done: true, value: undefined };
      const failure = await ffmpeg.failure();
      if (failure !== undefined) {
        const message = `${this.name}: cannot be encoded: ${failure}`;
        if (message !== this.#lastWarning) yield { type: "warning", message };
        this.#lastWarning = message;
        await delay(restartMs, undefined, { signal }).catch(() => {});
      }
      return signal.aborted ? { done: true, value: undefined } : await after;
    } finally {
      signal.removeEventListener("abort", stop);
      await ffmpeg.stop();
    }
  }

  /** @returns The first event that is not for this ffmpeg. */
  async #feed(
    ffmpeg: FfmpegProcess,
    first: Uint8Array,
    events: AsyncIterator<SourceEvent, void>,
  ): Promise<Next> {
    await ffmpeg.feed(first);
    for (;;) {
      const next = await events.next();
      // A file that starts over: ffmpeg goes on where it was, and is not started anew, which takes time.
      if (!next.done && next.value.type === "start" && this.aheadMs === 0) continue;
      if (next.done || next.value.type !== "bytes" || ffmpeg.hasEnded) {
        ffmpeg.endFeed();
        return next;
      }
      await ffmpeg.feed(next.value.bytes);
    }
  }
}

async function* bytesOf(
  { stdout }: FfmpegProcess,
  signal: AbortSignal,
): AsyncGenerator<SourceEvent, void, void> {
  try {
    for await (const chunk of stdout) {
      for (const bytes of slices(chunk as Uint8Array)) {
        if (signal.aborted) return;
        yield { type: "bytes", bytes };
      }
    }
  } catch (error) {
    // Destroying a stream that is being read shows up as a premature close.
    if (!signal.aborted) throw error;
  }
}
