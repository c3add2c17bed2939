import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import type { Readable } from "node:stream";
import { lastLine } from "./last-line.ts";
import { LineSplitter } from "./line-splitter.ts";

/** Long enough for a machine that is busy starting a hundred others, in ms. */
const SAY_WITHIN_MS = 60_000;
/** How long a child has for an orderly stop before it is killed, in ms. */
const STOP_WITHIN_MS = 5000;

export type ChildOptions = {
  name: string;
  /** Program and arguments. */
  command: readonly string[];
  /** Gets what it says on standard error, and on standard output unless `onLine` takes that. */
  logFile: string;
  onLine?: (line: string) => void;
};

/** How a process ended: its exit code, or the signal that ended it. */
export type ChildExit = number | NodeJS.Signals;

/**
 * A process of the swarm. It is the head of a process group of its own, so that Ctrl-C reaches only
 * the launcher, which ends the others in order; an IPC channel tells it when the launcher is gone.
 */
export class Child {
  readonly name: string;
  readonly logFile: string;
  /** Settles once it has ended and all it said has been read. Never rejects. */
  readonly exit: Promise<ChildExit>;
  readonly #process: ChildProcess;
  readonly #onStdout = new Set<() => void>();
  #stdout = "";
  #ended: ChildExit | undefined;

  constructor({ name, command, logFile, onLine }: ChildOptions) {
    this.name = name;
    this.logFile = logFile;
    const log = openSync(logFile, "a");
    const [program = "", ...args] = command;
    // The log goes to the file itself: nothing of it is lost with the launcher.
    this.#process = spawn(program, args, {
      detached: true,
      stdio: ["ignore", "pipe", log, "ipc"],
    });
    this.#process.channel?.unref();
    const lines = new LineSplitter();
    const stdout = this.#process.stdout as Readable;
    stdout.setEncoding("utf8").on("data", (text: string) => {
      if (onLine !== undefined) for (const line of lines.push(text)) onLine(line);
      else this.#heard(text, log);
    });
    this.exit = new Promise((resolve) => {
      const end = (exit: ChildExit) => {
        if (this.#ended !== undefined) return;
        this.#ended = exit;
        closeSync(log);
        resolve(exit);
        for (const look of this.#onStdout) look();
      };
      // Without "spawn" there is no "close".
      this.#process.once("error", () => end(127));
      this.#process.once("close", (code, signal) => end(signal ?? code ?? 1));
    });
  }

  get isRunning(): boolean {
    return this.#ended === undefined;
  }

  /**
   * The first match in its standard output.
   * @throws {Error} In one line, when it ends without or takes too long.
   */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#onStdout.delete(look);
      };
      const look = () => {
        const match = pattern.exec(this.#stdout);
        if (match === null && this.isRunning) return;
        settle();
        if (match !== null) resolve(match);
        else reject(new Error(this.lastWords()));
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`${this.name} is not up after ${SAY_WITHIN_MS / 1000} s`));
      }, SAY_WITHIN_MS);
      this.#onStdout.add(look);
      look();
    });
  }

  /** Over the IPC channel. Whoever has ended hears nothing. */
  tell(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  /** How it ended, for people: its last line and where the others are. */
  lastWords(): string {
    const how = typeof this.#ended === "number" ? `code ${this.#ended}` : this.#ended;
    const line = lastLine(this.logFile);
    return `${this.name} ended with ${how}${line && `: ${line}`}; see ${this.logFile}`;
  }

  /** Ask it to stop, force it when it does not, and wait until it has ended. */
  async stop(): Promise<ChildExit> {
    this.#signal("SIGTERM");
    const force = setTimeout(() => this.kill(), STOP_WITHIN_MS);
    try {
      return await this.exit;
    } finally {
      clearTimeout(force);
    }
  }

  /** End it and all it started like a power cut. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined || !this.isRunning) return;
    try {
      // Its whole group, so that no ffmpeg outlives it; itself alone where it is to end in order.
      process.kill(signal === "SIGKILL" ? -pid : pid, signal);
    } catch {
      // It has ended a moment ago.
    }
  }

  #heard(text: string, log: number): void {
    // What is waited for comes at the start; later output is for the file alone.
    if (this.#stdout.length < 16 * 1024) this.#stdout += text;
    if (this.isRunning) writeSync(log, text);
    for (const look of this.#onStdout) look();
  }
}
