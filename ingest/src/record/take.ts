import type { FileHandle } from "node:fs/promises";
import { joinInitSegments, placeChunk } from "./track-file.ts";

export type TakeTrack = {
  id: string;
  initVersion: number;
  initSegment: Uint8Array;
  timescale: number;
};

/** The track whose key frames takes begin at: the best picture, or sound where there is none. */
export function leadTrack(tracks: readonly TakeTrack[]): TakeTrack | undefined {
  // Renditions are numbered best first.
  const [best] = tracks.filter(isPicture).sort((a, b) => (a.id < b.id ? -1 : 1));
  return best ?? tracks[0];
}

function isPicture({ id }: TakeTrack): boolean {
  return id.startsWith("v");
}

/** A chunk on its way to a file. */
export type RecordedChunk = {
  trackId: string;
  bytes: Uint8Array;
  mediaTimeMs: number;
  durationMs: number;
};

export type OpenFile = (path: string) => Promise<Pick<FileHandle, "write" | "close">>;

type TakeFile = {
  file: Pick<FileHandle, "write" | "close">;
  /** By track: its number in this file. */
  numbers: ReadonlyMap<string, number>;
  fragments: number;
};

/**
 * One stretch of recording: a file of each track, and one of the best picture and all sound. Every chunk is written as it
 * comes, so that what was written plays whenever the process ends, however it does.
 */
export class Take {
  readonly #tracks: ReadonlyMap<string, TakeTrack>;
  readonly #startMs: number;
  readonly #files: TakeFile[] = [];
  readonly paths: string[] = [];
  sizeBytes = 0;
  durationMs = 0;

  private constructor(tracks: readonly TakeTrack[], startMs: number) {
    this.#tracks = new Map(tracks.map((track) => [track.id, track]));
    this.#startMs = startMs;
  }

  /**
   * @param path Of all files, without what tells them apart.
   * @param startMs Media time that becomes 0 in the files.
   */
  static async open(
    path: string,
    tracks: readonly TakeTrack[],
    startMs: number,
    openFile: OpenFile,
  ): Promise<Take> {
    const take = new Take(tracks, startMs);
    try {
      for (const track of tracks) await take.#open(`${path}-${track.id}.mp4`, [track], openFile);
      const lead = leadTrack(tracks);
      const together = tracks.filter((track) => track === lead || !isPicture(track));
      await take.#open(`${path}.mp4`, together, openFile);
    } catch (error) {
      await take.close();
      throw error;
    }
    return take;
  }

  /** What begins before the take is left out. */
  async write(chunk: RecordedChunk): Promise<void> {
    const track = this.#tracks.get(chunk.trackId);
    if (track === undefined || chunk.mediaTimeMs < this.#startMs) return;
    const minusTicks = Math.floor((this.#startMs * track.timescale) / 1000);
    for (const target of this.#files) {
      const trackId = target.numbers.get(track.id);
      if (trackId === undefined) continue;
      const placement = { trackId, sequence: ++target.fragments, minusTicks };
      await this.#write(target, placeChunk(chunk.bytes, placement));
    }
    const endMs = chunk.mediaTimeMs + chunk.durationMs - this.#startMs;
    this.durationMs = Math.max(this.durationMs, endMs);
  }

  async close(): Promise<void> {
    for (const { file } of this.#files) await file.close();
  }

  async #open(path: string, tracks: readonly TakeTrack[], openFile: OpenFile): Promise<void> {
    const file = await openFile(path);
    const numbers = new Map(tracks.map(({ id }, index) => [id, index + 1]));
    const target = { file, numbers, fragments: 0 };
    this.#files.push(target);
    this.paths.push(path);
    const inFile = tracks.map(({ initSegment }, index) => ({ initSegment, trackId: index + 1 }));
    await this.#write(target, joinInitSegments(inFile));
  }

  async #write({ file }: TakeFile, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
    this.sizeBytes += bytes.length;
  }
}
