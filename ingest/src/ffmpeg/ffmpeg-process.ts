import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { readFfmpegLine } from "./ffmpeg-line.ts";

export type FfmpegCommand = {
  /** Of the program. */
  path: string;
  /** Options and `-i` of the input. */
  input: readonly string[];
  /** How streams are encoded. Default: not at all, they are copied. */
  codecs?: readonly string[];
  /** What must not be told of the input. */
  secrets: readonly string[];
  /** Whether the input is given by {@link FfmpegProcess.feed}. Default false. */
  isFed?: boolean;
};

/**
 * Before a live input. Without `nobuffer` all that comes is 400 ms late for good (measured with
 * RTMP); what is dropped for it is at most what came while the format was found out. Frame rates
 * are not counted, which would take 20 pictures, and a track that is announced but does not come is
 * not waited for.
 */
export const LIVE_INPUT: readonly string[] = [
  ...["-fflags", "nobuffer", "-fpsprobesize", "0", "-analyzeduration", "1000000"],
];

/** How long it may take to end by itself once told to, in ms: a stop of the server takes 1.8 s. */
const END_WITHIN_MS = 500;

/** Nothing on standard input, no statistics; only what went wrong, each line with its level. */
const QUIET = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+error"];

/**
 * MPEG-TS without delay: no reordering buffer, every packet at once, one audio frame a PES packet
 * (by default ffmpeg collects a quarter of a second of them).
 */
const TO_MPEG_TS = [
  ...["-sn", "-dn", "-f", "mpegts", "-muxdelay", "0", "-muxpreload", "0"],
  ...["-flush_packets", "1", "-pes_payload_size", "0", "pipe:1"],
];

/** One run of ffmpeg that writes MPEG-TS. */
export class FfmpegProcess {
  readonly stdout: Readable;
  readonly #child: ChildProcess;
  readonly #stdin: Writable | null;
  readonly #ended: Promise<unknown>;
  #lastError: string | undefined;

  constructor(command: FfmpegCommand) {
    const { path, input, codecs = ["-c", "copy"], secrets, isFed = false } = command;
    const args = [...QUIET, ...input, ...codecs, ...TO_MPEG_TS];
    const stdio = [isFed ? "pipe" : "ignore", "pipe", "pipe"] as const;
    const child = spawn(path, args, { stdio: [...stdio], windowsHide: true });
    this.#child = child;
    if (child.stdout === null || child.stderr === null) throw new Error("both are piped");
    this.stdout = child.stdout;
    this.#stdin = child.stdin;
    child.stdout.on("error", () => {});
    // It may end while it is fed; why is asked of `failure`.
    child.stdin?.on("error", () => {});
    this.#ended = once(this.#child, "close").catch((error: Error) => {
      // It could not even be started.
      this.#lastError = error.message;
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.#lastError = readFfmpegLine(line, { input: input.at(-1), secrets }) ?? this.#lastError;
    });
  }

  /** Resolves when there is room for more. What comes after its end is lost. */
  async feed(bytes: Uint8Array): Promise<void> {
    const stdin = this.#stdin;
    if (stdin === null || stdin.destroyed || stdin.write(bytes)) return;
    await new Promise<void>((resolve) => {
      stdin.once("drain", resolve).once("close", resolve);
    });
  }

  /** There is no more input: what is left in it comes out. */
  endFeed(): void {
    this.#stdin?.end();
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || !this.#child.pid;
  }

  /** Why it ended, once it has: its last complaint, if it did not end in order. */
  async failure(): Promise<string | undefined> {
    await this.#ended;
    const { exitCode, signalCode } = this.#child;
    if (exitCode === 0) return undefined;
    return this.#lastError ?? `ffmpeg ended with ${signalCode ?? `code ${exitCode}`}`;
  }

  /** Resolves when the process is gone. It is killed if it does not go. */
  async stop(): Promise<void> {
    this.stdout.destroy();
    this.#stdin?.destroy();
    this.#child.kill("SIGTERM");
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), END_WITHIN_MS);
    await this.#ended;
    clearTimeout(kill);
  }
}
