import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Long enough for a busy two-core machine to start Node and open its ports. */
const SAY_WITHIN_MS = 40_000;
const STOP_WITHIN_MS = 5000;

/** A program of ours as a child process, with everything it said. */
export class Process {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exit: Promise<number | string>;
  readonly #onOutput = new Set<() => void>();
  readonly #name: string;
  #stdout = "";
  #stderr = "";
  #exitCode: number | string | undefined;

  /** @param script Relative to the repository. */
  constructor(script: string, args: readonly string[]) {
    this.#name = [script, ...args].join(" ");
    this.#child = spawn(process.execPath, [script, ...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#changed();
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#changed();
    });
    // "close" comes after the last output, "exit" may not.
    this.#exit = once(this.#child, "close").then(([code, signal]) => {
      this.#exitCode = (code as number | null) ?? String(signal);
      this.#changed();
      return this.#exitCode;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get isRunning(): boolean {
    return this.#exitCode === undefined;
  }

  /** The first match in what it says on either output. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = deferred<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (match !== null) resolve(match);
      else if (!this.isRunning) reject(this.#problem(`ended without saying ${pattern}`));
    };
    const timer = setTimeout(() => reject(this.#problem(`does not say ${pattern}`)), SAY_WITHIN_MS);
    this.#onOutput.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#onOutput.delete(look);
    }
  }

  /** Its exit code, or the name of the signal that ended it. */
  exit(): Promise<number | string> {
    return this.#exit;
  }

  /** Ask it to stop, as a terminal does; force it when it does not. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill("SIGTERM");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), STOP_WITHIN_MS);
    await this.#exit;
    clearTimeout(force);
  }

  /** End it like a power cut: nothing is said to anybody. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }

  #changed(): void {
    for (const look of this.#onOutput) look();
  }

  #problem(what: string): Error {
    return new Error(`${this.#name} ${what}\n${this.#stdout}${this.#stderr}`);
  }
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
