import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const clip = fileURLToPath(new URL("../../../clip/pattern.m2ts", import.meta.url));

/** Tests with a real encoder are skipped without one, and say so. */
export const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
export const NEEDS_FFMPEG = hasFfmpeg ? "" : " (skipped: install ffmpeg)";

/** An encoder that sends the built-in clip at its own pace, for ever. */
export class Encoder {
  readonly #child: ChildProcess;
  readonly ended: Promise<unknown>;

  /** @param output Options and address, as for ffmpeg. */
  constructor(...output: string[]) {
    const input = ["-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", clip];
    this.#child = spawn("ffmpeg", [...input, "-c", "copy", ...output], { stdio: "ignore" });
    this.ended = once(this.#child, "close");
  }

  /** Ends its stream in order. */
  stop(): Promise<unknown> {
    this.#child.kill("SIGTERM");
    return this.ended;
  }

  /** Vanishes. */
  kill(): Promise<unknown> {
    this.#child.kill("SIGKILL");
    return this.ended;
  }

  /** Hangs: the connection stays, nothing comes. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }
}
