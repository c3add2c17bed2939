import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../../bin/livemesh.js", import.meta.url));

/** `livemesh tracker` as a process of its own, on a free port, as in a container. */
export class TrackerProcess {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;

  static async start(args: readonly string[]): Promise<TrackerProcess> {
    const child = spawn(process.execPath, [BIN, "tracker", "--port", "0", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    for await (const part of child.stdout.setEncoding("utf8")) {
      said += part;
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined) return new TrackerProcess(Number(port), child);
    }
    throw new Error(`a tracker did not start: ${said}`);
  }

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#process = child;
    this.#exit = once(child, "exit");
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#process.kill(signal);
    await this.#exit;
  }
}
