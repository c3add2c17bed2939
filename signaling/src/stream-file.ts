import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { decodeStream, encodeStream } from "./cluster/change-codec.ts";
import type { Log } from "./log.ts";
import type { Registry } from "./registry.ts";
import type { RegistryChange } from "./registry-change.ts";

/** Changes are collected for this long before the file is written, in ms. */
const SAVE_AFTER_MS = 500;
/** Who wrote it: nobody that could come back. */
const NOBODY = "file";

/**
 * Remembers a tracker's streams over a restart, so that viewers who come back before the publishers do
 * find their swarm. One JSON text a line, a stream each; replaced as a whole, so that it is never half.
 */
export class StreamFile {
  readonly #path: string;
  readonly #log: Log;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** @throws {TypeError} In one line, when the file is there but cannot be read. */
  restore(registry: Registry, nowMs: number): void {
    for (const line of this.#lines()) {
      try {
        const { stream } = decodeStream(line, Date.now());
        if (stream.phase === "ended") continue;
        registry.apply(NOBODY, { type: "stream", stream: { ...stream, phase: "stored" } }, nowMs);
      } catch (error) {
        this.#log.warn({ file: this.#path, err: error }, "a stream in the file cannot be read");
      }
    }
  }

  note({ type }: RegistryChange, registry: Registry): void {
    if (type !== "stream" && type !== "forgotten") return;
    this.#timer ??= setTimeout(() => this.#save(registry), SAVE_AFTER_MS);
  }

  close(registry: Registry): void {
    if (this.#timer !== undefined) this.#save(registry);
  }

  #save(registry: Registry): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = registry.snapshots().map((stream) => encodeStream(stream, NOBODY, Date.now()));
    const half = `${this.#path}.new`;
    try {
      writeFileSync(half, `${lines.join("\n")}\n`, { mode: 0o600 });
      renameSync(half, this.#path);
    } catch (error) {
      this.#log.error({ file: this.#path, err: error }, "streams could not be written down");
    }
  }

  #lines(): string[] {
    try {
      return readFileSync(this.#path, "utf8").split("\n").filter(Boolean);
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new TypeError(`the file of streams cannot be read: ${problem}`, { cause });
    }
  }
}
