import { type FileHandle, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { chunkBytes, type HeldChunk } from "../chunk-window.ts";
import { IngestError } from "../ingest-error.ts";
import type { IngestLog } from "../ingest-log.ts";
import type { Publisher } from "../publisher.ts";
import {
  filesToRemove,
  isTakeFull,
  NO_LIMIT,
  type RecordedFile,
  type RecordLimit,
} from "./limit.ts";
import { leadTrack, type OpenFile, Take, type TakeTrack } from "./take.ts";

export type RecorderOptions = {
  publisher: Publisher;
  directory: string;
  /** Default: none. */
  limit?: RecordLimit | undefined;
  log: IngestLog;
  /** Default: the file system's. */
  openFile?: OpenFile;
};

/** Media waiting for a disk that is slow; more, and the recording stops. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** A recording that runs. */
export type Recorder = {
  /** Settles when everything that came so far is written, or the recording stopped. */
  written(): Promise<void>;
  /** Finishes the files. */
  close(): Promise<void>;
};

/**
 * Record what a publisher publishes, from the next key frame on. When the disk is full or too
 * slow, it stops with one warning; the stream does not notice.
 * @throws {IngestError} When the directory cannot be made or written.
 */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const { directory } = options;
  try {
    await mkdir(directory, { recursive: true });
    const probe = join(directory, `.livemesh-${process.pid}`);
    await (await open(probe, "w")).close();
    await unlink(probe);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new IngestError(
      "recording-unwritable",
      `cannot record to ${directory}: ${why}; name a directory that can be written with --record`,
      { cause },
    );
  }
  return new FileRecorder(options);
}

class FileRecorder implements Recorder {
  readonly #options: RecorderOptions;
  readonly #limit: RecordLimit;
  readonly #openFile: OpenFile;
  /** Of this stream's files, whatever run they are from. */
  readonly #prefix: string;
  #queue: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #take: { take: Take; tracks: readonly TakeTrack[]; begun: Set<string> } | undefined;
  #hasStopped = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#limit = options.limit ?? NO_LIMIT;
    this.#openFile = options.openFile ?? ((path): Promise<FileHandle> => open(path, "wx"));
    this.#prefix = `livemesh-${options.publisher.streamId.slice(0, 8)}-`;
    options.publisher.listen({ onChunk: (chunk) => this.#accept(chunk) });
  }

  written(): Promise<void> {
    return this.#queue;
  }

  async close(): Promise<void> {
    await this.#queue;
    this.#hasStopped = true;
    await this.#endTake();
  }

  #accept(chunk: HeldChunk): void {
    if (this.#hasStopped) return;
    const bytes = chunkBytes(chunk);
    // Now, not when its turn comes: parameters may have changed by then.
    const tracks = this.#currentTracks();
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) return this.#stop("the disk is too slow");
    this.#queue = this.#queue.then(async () => {
      this.#waitingBytes -= bytes.length;
      if (this.#hasStopped) return;
      try {
        await this.#record(chunk, bytes, tracks);
      } catch (error) {
        this.#stop(error instanceof Error ? error.message : String(error));
        await this.#endTake().catch(() => {});
      }
    });
  }

  async #record(chunk: HeldChunk, bytes: Uint8Array, tracks: readonly TakeTrack[]): Promise<void> {
    const trackId = tracks[chunk.track]?.id ?? "";
    const isLead = tracks[chunk.track] === leadTrack(tracks);
    const running = this.#take;
    const isFull = isLead && running !== undefined && isTakeFull(this.#limit, running.take);
    if (chunk.isIndependent && isFull) await this.#endTake();
    else if (running !== undefined && !isSame(running.tracks, tracks)) await this.#endTake();
    if (this.#take === undefined && isLead && chunk.isIndependent) await this.#begin(chunk, tracks);
    if (this.#take === undefined) return;
    const { take, begun } = this.#take;
    // A file that begins between key frames would begin with garbage.
    if (!begun.has(trackId) && !chunk.isIndependent) return;
    begun.add(trackId);
    await take.write({ ...chunk, trackId, bytes });
  }

  async #begin(chunk: HeldChunk, tracks: readonly TakeTrack[]): Promise<void> {
    await this.#removeOld();
    const name = new Date().toISOString().replaceAll(":", "-").replace("Z", "");
    const path = join(this.#options.directory, this.#prefix + name);
    const take = await Take.open(path, tracks, chunk.mediaTimeMs, this.#openFile);
    this.#take = { take, tracks, begun: new Set() };
    this.#options.log.info({ file: `${path}.mp4` }, "recording");
  }

  async #endTake(): Promise<void> {
    const ended = this.#take?.take;
    this.#take = undefined;
    await ended?.close();
  }

  /** One warning, whatever it was. */
  #stop(why: string): void {
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    const { log, directory } = this.#options;
    log.warn({ directory }, `recording stopped: ${why}; the stream goes on`);
  }

  async #removeOld(): Promise<void> {
    if (this.#limit === NO_LIMIT) return;
    const now = { reservedBytes: this.#limit.maxBytes / 4, nowMs: Date.now() };
    for (const { path } of filesToRemove(await this.#files(), this.#limit, now)) await unlink(path);
  }

  async #files(): Promise<RecordedFile[]> {
    const { directory } = this.#options;
    const names = (await readdir(directory)).filter(
      (name) => name.startsWith(this.#prefix) && name.endsWith(".mp4"),
    );
    return Promise.all(
      names.map(async (name) => {
        const path = join(directory, name);
        const { size, mtimeMs } = await stat(path);
        return { path, sizeBytes: size, modifiedAtMs: mtimeMs };
      }),
    );
  }

  #currentTracks(): TakeTrack[] {
    const { publisher } = this.#options;
    return publisher.descriptor.tracks.flatMap(({ id }) => {
      const current = publisher.track(id)?.current;
      if (current === undefined) return [];
      const { initVersion, initSegment, timescale } = current;
      return [{ id, initVersion, initSegment, timescale }];
    });
  }
}

function isSame(a: readonly TakeTrack[], b: readonly TakeTrack[]): boolean {
  return (
    a.length === b.length &&
    a.every(
      ({ id, initVersion }, index) => b[index]?.id === id && b[index]?.initVersion === initVersion,
    )
  );
}
