import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { Process } from "./process.ts";

const WATCH_URL = /(https?:\/\/[^/\s]+)\/watch\/([a-z2-7]{32})/;

/** A stream somebody can watch. */
export type RunningStream = {
  process: Process;
  /** `http://host:port` of the tracker and the pages. */
  baseUrl: string;
  streamId: string;
  watchUrl: string;
};

export type RunningTracker = { process: Process; baseUrl: string; port: number };

/** Starts the real command line, encoders and strangers, and ends them with the test. */
export class Livemesh {
  readonly #processes: Process[] = [];
  #folder: string | undefined;

  /** `livemesh serve` with a key of its own; `options` may override that and the port. */
  async serve(options: readonly string[] = []): Promise<RunningStream> {
    const key = await this.keyFile();
    const process = this.run(["serve", "--port", "0", "--key", key, ...options]);
    return this.#watchable(process);
  }

  async tracker(port = 0): Promise<RunningTracker> {
    const process = this.run(["tracker", "--port", String(port)]);
    const [baseUrl] = await process.says(/http:\/\/127\.0\.0\.1:\d+/);
    return { process, baseUrl, port: Number(new URL(baseUrl).port) };
  }

  /** `livemesh ingest` for a tracker; the same test always gets the same key. */
  async ingest(trackerUrl: string, options: readonly string[] = []): Promise<RunningStream> {
    const key = await this.keyFile();
    const process = this.run(["ingest", trackerUrl, "--port", "0", "--key", key, ...options]);
    return { ...(await this.#watchable(process)), baseUrl: trackerUrl };
  }

  /** The command line with any arguments. */
  run(args: readonly string[]): Process {
    return this.start("bin/livemesh.js", args);
  }

  /** Sends the built-in clip at its own pace to whoever listens on `port`, again and again. */
  encoder(port: number, options: readonly string[] = []): Process {
    return this.start("e2e/encoder.mjs", [`tcp://127.0.0.1:${port}`, ...options]);
  }

  start(script: string, args: readonly string[]): Process {
    const process = new Process(script, args);
    this.#processes.push(process);
    return process;
  }

  /** Where this test keeps its key: not in the home of whoever runs it. */
  async keyFile(): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), "livemesh-e2e-"));
    return join(this.#folder, "key.pem");
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
  }

  async #watchable(process: Process): Promise<RunningStream> {
    const [watchUrl, baseUrl = "", streamId = ""] = await process.says(WATCH_URL);
    return { process, baseUrl, streamId, watchUrl };
  }
}

export type ListeningStream = RunningStream & { encoderPort: number };

/** `livemesh serve` that waits for an encoder. */
export async function serveEncoder(
  livemesh: Livemesh,
  options: readonly string[] = [],
): Promise<ListeningStream> {
  const encoderPort = await freePort();
  const input = ["--input", `tcp-listen://127.0.0.1:${encoderPort}`];
  const stream = await livemesh.serve([...input, ...options]);
  return { ...stream, encoderPort };
}
