import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Block, decodeBlock, decodeBundle, encodeBundle } from "#protocol";
import type { HeldChunk } from "../chunk-window.ts";
import type { IngestLog } from "../ingest-log.ts";

export type DvrFile = Pick<FileHandle, "read" | "write" | "close">;

export type DvrOptions = {
  /** How far back chunks are kept, in ms of media. */
  spanMs: number;
  /** Bytes on disk, whatever their time. Default 16 GiB: six hours at 6 Mbit/s; protects the disk
   * from an encoder without rate control. */
  maxBytes?: number;
  log: IngestLog;
  /** Default: a file in the system's directory for temporary files, which has no name any more. */
  openFile?: () => Promise<DvrFile>;
};

const MAX_BYTES = 16 * 1024 ** 3;
/** Media time in one file, in ms: what is removed at once. */
const FILE_MS = 30_000;
/** Kept beyond what is listed: players may still be about to fetch it. In ms. */
const GRACE_MS = 15_000;
/** Chunks waiting for a disk that is slow; more, and the DVR stops. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

type StoredFile = {
  file: Promise<DvrFile>;
  sizeBytes: number;
  startMs: number;
  endMs: number;
  entries: { track: number; sequence: number }[];
};
/** A chunk without its bytes. */
export type ChunkMeta = Omit<HeldChunk, "blocks">;
/** On its way to the disk with its blocks; then with its place. */
type Entry = {
  meta: ChunkMeta;
  waiting: HeldChunk | undefined;
  in: StoredFile;
  at: number;
  size: number;
};

/** Chunks the memory has no room for, on disk: bounded, oldest first, gone with the process. */
export class DvrStore {
  readonly #options: DvrOptions;
  readonly #files: StoredFile[] = [];
  /** Per track by sequence, oldest first. */
  readonly #tracks = new Map<number, Map<number, Entry>>();
  #queue: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #hasStopped = false;

  constructor(options: DvrOptions) {
    this.#options = options;
  }

  get spanMs(): number {
    return this.#options.spanMs;
  }

  get sizeBytes(): number {
    return this.#files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Sequence of the oldest chunk of a track. */
  oldest(track: number): number | undefined {
    const [oldest] = this.#tracks.get(track)?.keys() ?? [];
    return oldest;
  }

  /** A chunk without its bytes. */
  meta(track: number, sequence: number): ChunkMeta | undefined {
    return this.#tracks.get(track)?.get(sequence)?.meta;
  }

  /** In order of each track. */
  add(chunk: HeldChunk): void {
    if (this.#hasStopped) return;
    const bytes = encodeBundle(chunk.blocks.map((block) => block.bytes));
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) return this.#stop("the disk is too slow");
    const target = this.#fileFor(chunk);
    const { blocks: _, ...meta } = chunk;
    const at = target.sizeBytes;
    const entry: Entry = { meta, waiting: chunk, in: target, at, size: bytes.length };
    target.sizeBytes += bytes.length;
    target.endMs = Math.max(target.endMs, chunk.mediaTimeMs + chunk.durationMs);
    target.entries.push(chunk);
    this.#track(chunk.track).set(chunk.sequence, entry);
    this.#queue = this.#queue.then(() => this.#write(entry, bytes));
    this.#prune(target.endMs);
  }

  /** Undefined when it is not here, or no longer. */
  async find(track: number, sequence: number): Promise<HeldChunk | undefined> {
    const entry = this.#tracks.get(track)?.get(sequence);
    if (entry?.waiting !== undefined) return entry.waiting;
    if (entry === undefined) return undefined;
    const bytes = Buffer.alloc(entry.size);
    try {
      const { bytesRead } = await (await entry.in.file).read(bytes, 0, entry.size, entry.at);
      if (bytesRead < entry.size) return undefined;
    } catch {
      // Removed meanwhile.
      return undefined;
    }
    const blocks: Block[] = decodeBundle(bytes).map((block) => decodeBlock(block));
    return { ...entry.meta, blocks };
  }

  /** What was added so far is on disk, or never will be. */
  written(): Promise<void> {
    return this.#queue;
  }

  async close(): Promise<void> {
    this.#hasStopped = true;
    this.#clear();
    await this.#queue;
  }

  async #write(entry: Entry, bytes: Uint8Array): Promise<void> {
    this.#waitingBytes -= bytes.length;
    if (this.#hasStopped) return;
    try {
      const file = await entry.in.file;
      for (let done = 0; done < bytes.length; ) {
        const left = bytes.length - done;
        const { bytesWritten } = await file.write(bytes, done, left, entry.at + done);
        done += bytesWritten;
      }
      entry.waiting = undefined;
    } catch (error) {
      this.#stop(error instanceof Error ? error.message : String(error));
    }
  }

  #fileFor({ mediaTimeMs }: HeldChunk): StoredFile {
    const last = this.#files.at(-1);
    if (last !== undefined && mediaTimeMs - last.startMs < FILE_MS) return last;
    const openFile = this.#options.openFile ?? openNameless;
    const file = openFile();
    // Whoever writes to it hears of it.
    file.catch(() => {});
    const begun = { file, sizeBytes: 0, startMs: mediaTimeMs, endMs: mediaTimeMs, entries: [] };
    this.#files.push(begun);
    return begun;
  }

  #prune(edgeMs: number): void {
    const { spanMs, maxBytes = MAX_BYTES } = this.#options;
    for (;;) {
      const oldest = this.#files[0];
      if (oldest === undefined || this.#files.length === 1) return;
      const isOld = oldest.endMs <= edgeMs - spanMs - GRACE_MS;
      if (!isOld && this.sizeBytes <= maxBytes) return;
      this.#removeOldest();
    }
  }

  #removeOldest(): void {
    const removed = this.#files.shift();
    for (const { track, sequence } of removed?.entries ?? []) {
      this.#tracks.get(track)?.delete(sequence);
    }
    // Behind what is still to be written to it.
    this.#queue = this.#queue.then(async () => {
      await (await removed?.file)?.close();
    });
    this.#queue = this.#queue.catch(() => {});
  }

  #clear(): void {
    while (this.#files.length > 0) this.#removeOldest();
  }

  /** One warning; without a hole in it, nothing of it can be served any more. */
  #stop(why: string): void {
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    this.#options.log.warn({}, `DVR stopped: ${why}; the stream goes on without`);
    this.#clear();
  }

  #track(track: number): Map<number, Entry> {
    const entries = this.#tracks.get(track) ?? new Map<number, Entry>();
    this.#tracks.set(track, entries);
    return entries;
  }
}

/** The system takes a file without a name away when the process ends, however it does. */
async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `livemesh-dvr-${randomUUID()}`);
  const file = await open(path, "wx+");
  await unlink(path);
  return file;
}
