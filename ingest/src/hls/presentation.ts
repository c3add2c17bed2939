import { createHash } from "node:crypto";
import { beginsWithEvent, MediaError, readChunk, readEventMessages } from "#media";
import { chunkBytes, type HeldChunk } from "../chunk-window.ts";
import type { Publisher } from "../publisher.ts";
import { DateRanges } from "./date-ranges.ts";
import { Epochs } from "./epochs.ts";
import { type Rendition, writeMasterPlaylist } from "./master-playlist.ts";
import { writeMediaPlaylist } from "./media-playlist.ts";
import { PlaylistBody } from "./playlist-body.ts";
import { ProgramDates } from "./program-dates.ts";
import { type HlsInit, SegmentList } from "./segment-list.ts";
import { LISTED_MIN_MS } from "./timing.ts";

export type PresentationOptions = {
  publisher: Publisher;
  /** How far back playlists reach, in ms. Default: three target durations. */
  spanMs?: number | undefined;
  /** Sequence of the oldest chunk of a track that can still be had. */
  oldestSequence(track: number): number | undefined;
};

/** A track that is this far behind the others, in ms of media, has gone away: an encoder came back
 * without sound. Above the longest chunk. */
const ABSENT_MS = 12_000;

/** The stream as HLS: playlists from the chunks the publisher made, without their bytes. */
export class HlsPresentation {
  readonly #publisher: Publisher;
  readonly #options: PresentationOptions;
  readonly #epochs = new Epochs();
  readonly #dates = new ProgramDates();
  readonly #dateRanges = new DateRanges();
  readonly #lists = new Map<number, { list: SegmentList; init: HlsInit }>();
  readonly #framesPerSecond = new Map<number, { init: HlsInit; value: number | undefined }>();
  /** By track: where its newest chunk ends. */
  readonly #reachedMs = new Map<number, number>();
  /** Made once per state: a crowd asks for the same. */
  readonly #made = new Map<string, PlaylistBody>();
  #newestEpoch = -1;
  #hasEnded = false;

  constructor(options: PresentationOptions) {
    this.#publisher = options.publisher;
    this.#options = options;
  }

  /** Whether a player can begin: every track that has chunks has a playlist. */
  get isReady(): boolean {
    return this.#lists.size > 0 && [...this.#lists.values()].every(({ list }) => isListed(list));
  }

  add(chunk: HeldChunk): void {
    const placed = this.#place(chunk);
    if (placed === undefined) return;
    this.#made.clear();
    placed.list.add(placed.chunk);
    this.#noteEvents(chunk);
    this.#reachedMs.set(chunk.track, chunk.mediaTimeMs + chunk.durationMs);
    const oldest = this.#options.oldestSequence(chunk.track);
    if (oldest !== undefined) placed.list.dropBefore(oldest);
  }

  /** No chunk comes any more. */
  end(): void {
    this.#hasEnded = true;
    this.#made.clear();
    for (const { list } of this.#lists.values()) list.end();
  }

  /** The track's segments, once there is a playlist of them. */
  list(trackId: string): SegmentList | undefined {
    const track = this.#publisher.track(trackId);
    const list = track && this.#lists.get(track.index)?.list;
    return list && isListed(list) ? list : undefined;
  }

  /** The init segment of this name, as far back as the playlist reaches. */
  init(trackId: string, name: string): HlsInit | undefined {
    const list = this.list(trackId);
    const segments = list === undefined ? [] : [list.open, ...list.segments];
    return segments.find((segment) => segment?.init.name === name)?.init;
  }

  mediaPlaylist(trackId: string, list: SegmentList, isDelta: boolean): PlaylistBody {
    return this.#once(`${trackId} ${isDelta}`, () => {
      const { chunkMs, tracks } = this.#publisher.descriptor;
      const reports = tracks.flatMap(({ id }) => {
        const other = id === trackId ? undefined : this.list(id);
        return other === undefined ? [] : [{ id, newest: other.newest }];
      });
      const first = list.segments[0] ?? list.open;
      const dateRanges = this.#dateRanges.tags(first?.programDateMs ?? 0);
      return writeMediaPlaylist(trackId, list, { chunkMs, isDelta, reports, dateRanges });
    });
  }

  masterPlaylist(): PlaylistBody {
    return this.#once("master", () => {
      const renditions = this.#publisher.descriptor.tracks.flatMap((track, index): Rendition[] => {
        const list = this.list(track.id);
        if (list === undefined || this.#isAbsent(index)) return [];
        const framesPerSecond = track.kind === "video" ? this.#frameRate(index) : undefined;
        return [{ track, ...rates(list), framesPerSecond }];
      });
      return writeMasterPlaylist(renditions);
    });
  }

  /** What a publisher signs need not be what it should be. */
  #noteEvents(chunk: HeldChunk): void {
    if (!beginsWithEvent(chunk.blocks[0]?.payload ?? new Uint8Array())) return;
    try {
      for (const event of readEventMessages(chunkBytes(chunk))) {
        this.#dateRanges.note(event, (mediaTimeMs) => this.#dates.at(mediaTimeMs));
      }
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
    }
  }

  /** Players that begin now must not wait for what does not come; its playlist stands for who is there. */
  #isAbsent(index: number): boolean {
    const newestMs = Math.max(...this.#reachedMs.values());
    return newestMs - (this.#reachedMs.get(index) ?? newestMs) > ABSENT_MS;
  }

  #once(key: string, write: () => string): PlaylistBody {
    const made = this.#made.get(key) ?? new PlaylistBody(write());
    this.#made.set(key, made);
    return made;
  }

  #place(chunk: HeldChunk) {
    const { track: index, sequence, mediaTimeMs: startMs, durationMs, sourceTimeMs } = chunk;
    const [block] = chunk.blocks;
    const known = this.#lists.get(index);
    const isNewInit = known?.init.version !== block?.initVersion;
    const init = isNewInit ? this.#readInit(index, block?.initVersion ?? 0) : known?.init;
    if (block === undefined || init === undefined || this.#hasEnded) return undefined;
    // A file that starts over goes on in the same time with the same parameters: that is nothing
    // a player has to start anew for.
    const isBreak = block.isDiscontinuity && this.#dates.isJump(startMs, sourceTimeMs);
    const epoch = this.#epochs.place({ track: index, startMs, isBreak, isNewInit });
    this.#dates.note(startMs, sourceTimeMs, epoch > this.#newestEpoch);
    this.#newestEpoch = Math.max(epoch, this.#newestEpoch);
    const list = known?.list ?? this.#newList(index);
    this.#lists.set(index, { list, init });
    const sizeBytes = chunk.blocks.reduce((sum, { payload }) => sum + payload.length, 0);
    const { isIndependent } = chunk;
    const placed = { sequence, startMs, durationMs, sizeBytes, isIndependent, epoch, init };
    return { list, chunk: placed };
  }

  #newList(index: number): SegmentList {
    const { tracks, chunkMs } = this.#publisher.descriptor;
    return new SegmentList({
      kind: tracks[index]?.kind ?? "video",
      chunkMs,
      spanMs: this.#options.spanMs ?? LISTED_MIN_MS,
      programDateMs: (mediaTimeMs) => this.#dates.at(mediaTimeMs),
    });
  }

  #readInit(index: number, version: number): HlsInit | undefined {
    const id = this.#publisher.descriptor.tracks[index]?.id ?? "";
    const bytes = this.#publisher.track(id)?.inits.get(version);
    if (bytes === undefined) return undefined;
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    return { version, bytes, name: `init-${hash}.mp4` };
  }

  /** Measured on the newest chunk, once per set of parameters. */
  #frameRate(index: number): number | undefined {
    const init = this.#lists.get(index)?.init;
    const chunk = this.#publisher.window.newest(index);
    if (init === undefined || chunk === undefined) return undefined;
    const known = this.#framesPerSecond.get(index);
    if (known?.init === init) return known.value;
    const value = framesPerSecond(chunk);
    this.#framesPerSecond.set(index, { init, value });
    return value;
  }
}

/** Players that know nothing of parts take a playlist without a segment for an empty stream. */
function isListed({ partTargetMs, segments }: SegmentList): boolean {
  return partTargetMs !== undefined && segments.length > 0;
}

/** In bit/s: of the densest segment, and of all. */
function rates(list: SegmentList): { peakBps: number; averageBps: number } {
  const segments = [...list.segments];
  // At the very beginning there is only the one that grows.
  if (segments.length === 0 && list.open !== undefined) segments.push(list.open);
  const sizeBytes = segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  const durationMs = segments.reduce((sum, segment) => sum + segment.durationMs, 0);
  const peakBps = Math.max(0, ...segments.map((each) => (each.sizeBytes * 8000) / each.durationMs));
  return { peakBps, averageBps: durationMs === 0 ? 0 : (sizeBytes * 8000) / durationMs };
}

/** Undefined when the chunk is nothing we can read; the attribute is optional. */
function framesPerSecond(chunk: HeldChunk): number | undefined {
  try {
    const frames = readChunk(chunkBytes(chunk)).samples.length;
    return (frames * 1000) / chunk.durationMs;
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}
