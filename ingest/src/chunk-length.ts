import type { IngestLog } from "./ingest-log.ts";
import type { Packager } from "./packager.ts";
import type { Publisher } from "./publisher.ts";

export type ChunkLengthOptions = {
  /** What the stream was started with, in ms. */
  chunkMs: number;
  packager: Packager;
  publisher: Publisher;
  log: IngestLog;
};

/** As on the command line. */
const CHUNK_MS_MIN = 50;
const CHUNK_MS_MAX = 2000;

/**
 * Changes the length of chunks while the stream runs, for experiments. Never below half of what it was
 * started with: sequence numbers are handed out for twice the usual rate, so that they do not repeat
 * after a restart.
 * @returns What sets the length, in ms; undefined is that of the start.
 */
export function chunkLength(options: ChunkLengthOptions): (wantedMs: number | undefined) => void {
  const { chunkMs: ownMs, packager, publisher, log } = options;
  const leastMs = Math.max(CHUNK_MS_MIN, Math.ceil(ownMs / 2));
  return (wantedMs = ownMs) => {
    const chunkMs = Math.min(CHUNK_MS_MAX, Math.max(Math.min(leastMs, ownMs), wantedMs));
    if (packager.setChunkMs === undefined) {
      log.warn({}, "the length of chunks cannot be changed with this input");
      return;
    }
    log.info({ chunkMs, wantedMs }, "length of chunks changed");
    packager.setChunkMs(chunkMs);
    publisher.setChunkMs(chunkMs);
  };
}
