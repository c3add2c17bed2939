import {
  type Block,
  type SignedDescriptor,
  type StreamDescriptor,
  type StreamId,
  sliceChunk,
  toHex,
  WIRE_LIMITS,
} from "#protocol";
import { ChunkWindow, type HeldChunk } from "./chunk-window.ts";
import type { PublisherIdentity } from "./identity.ts";
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from "./limits.ts";
import type { PackagedChunk, PackagerEvent } from "./packager.ts";
import { Signer } from "./signer.ts";
import { type PublishedTrack, TrackTable } from "./track-table.ts";

export type PublisherOptions = {
  identity: PublisherIdentity;
  title: string;
  /** Nominal length of a chunk, in ms, as the packager cuts them. */
  chunkMs: number;
  /** Base URLs of the origin; `""` means the tracker's own server. Default `[""]`. */
  origins?: readonly string[];
  /** How viewers find their neighbors, by its name in `mesh/`. Default `adaptive`. */
  overlay?: string;
  /** How far back the origin keeps chunks, in ms, see the descriptor. Default: not told. */
  dvrMs?: number | undefined;
  /** When the stream starts, Unix ms. Default now. */
  startedAtMs?: number;
  limits?: Partial<IngestLimits>;
};

/** What a publisher tells those that carry its stream further. Listeners must not throw. */
export type PublisherListener = {
  /** The stream changed; sent before the first block that needs it. */
  onDescriptor?(signed: SignedDescriptor, descriptor: StreamDescriptor): void;
  /** All blocks of one new chunk. */
  onChunk?(chunk: HeldChunk): void;
};

/**
 * Sequence numbers never repeat, not even when the publisher is restarted with the same key: each
 * run starts where a stream at twice the usual chunk rate would have got to since this date. The
 * rate is bounded so that 32 bits last until 2031.
 */
const SEQUENCE_EPOCH_MS = Date.UTC(2025, 0, 1);
const SEQUENCES_PER_SEC_MAX = 20;

/** Turns the packager's chunks into signed blocks, and keeps the stream's descriptor true. */
export class Publisher {
  readonly streamId: StreamId;
  readonly limits: IngestLimits;
  readonly window: ChunkWindow;
  readonly signer: Signer;
  readonly #tracks: TrackTable;
  readonly #listeners = new Set<PublisherListener>();
  readonly #firstSequence: number;
  readonly #counts = { chunks: 0, blocks: 0, copyBytes: 0 };
  /** By track: the parameters viewers have been told of. */
  readonly #announced = new Map<string, string>();
  /** The last descriptor with these init segments, by track and version, oldest first. */
  readonly #told = new Map<string, SignedDescriptor>();
  #descriptor: StreamDescriptor;
  #signed: SignedDescriptor;

  constructor(options: PublisherOptions) {
    const { identity, title, chunkMs, dvrMs, origins = [""], overlay = "adaptive" } = options;
    const startedAtMs = options.startedAtMs ?? Date.now();
    this.streamId = identity.streamId;
    this.limits = { ...DEFAULT_INGEST_LIMITS, ...options.limits };
    this.window = new ChunkWindow(this.limits);
    this.signer = new Signer(identity);
    this.#tracks = new TrackTable(this.limits.initVersions);
    this.#firstSequence = firstSequence(startedAtMs, chunkMs);
    this.#descriptor = {
      version: 1,
      streamId: identity.streamId,
      publicKey: toHex(identity.publicKey),
      revision: Math.floor(startedAtMs / 1000),
      title,
      startedAtMs,
      isLive: false,
      chunkMs,
      ...(dvrMs === undefined ? {} : { dvrMs }),
      scheduler: "striped-push",
      overlay,
      origins: [...origins],
      tracks: [],
    };
    this.#signed = this.signer.descriptor(this.#descriptor);
  }

  get descriptor(): StreamDescriptor {
    return this.#descriptor;
  }

  get signed(): SignedDescriptor {
    return this.#signed;
  }

  /** Cumulative. `copyBytes` is one copy of every block. */
  get counts(): Readonly<{ chunks: number; blocks: number; copyBytes: number }> {
    return this.#counts;
  }

  /** The last descriptor that had this init segment, as far back as they are kept. */
  signedWith(track: number, initVersion: number): SignedDescriptor | undefined {
    return this.#told.get(`${track}/${initVersion}`);
  }

  listen(listener: PublisherListener): void {
    this.#listeners.add(listener);
  }

  track(id: string): PublishedTrack | undefined {
    return this.#tracks.byId(id);
  }

  /**
   * Publish what the packager made, in its order and at the stream's own pace. Warnings are not
   * for viewers; they are ignored here.
   * @throws {RangeError} When a track or chunk cannot be published: too large, or a chunk without
   * its track. Nothing of it was.
   */
  accept(event: PackagerEvent): void {
    switch (event.type) {
      case "track":
        this.#tracks.set(event.track);
        return;
      case "chunk":
        this.#publish(event.chunk);
        return;
      case "warning":
        return;
    }
  }

  /** Where the origin can be reached, once that is known: base URLs, see the descriptor. */
  setOrigins(origins: readonly string[]): void {
    this.#revise({ origins: [...origins] });
  }

  /** The packager makes chunks of another length from now on, in ms. */
  setChunkMs(chunkMs: number): void {
    if (chunkMs !== this.#descriptor.chunkMs) this.#revise({ chunkMs });
  }

  /** No encoder is connected any more; the next chunk says that one is back. */
  encoderGone(): void {
    if (this.#descriptor.isLive) this.#revise({ isLive: false });
  }

  #remember(): void {
    for (const [index, { initVersion }] of this.#descriptor.tracks.entries()) {
      this.#told.delete(`${index}/${initVersion}`);
      this.#told.set(`${index}/${initVersion}`, this.#signed);
    }
    const max = this.limits.initVersions * WIRE_LIMITS.tracks;
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= max) break;
      this.#told.delete(oldest);
    }
  }

  #publish(packaged: PackagedChunk): void {
    const track = this.#tracks.get(packaged);
    if (track === undefined) throw new RangeError(`a ${packaged.kind} chunk before its track`);
    const chunk = this.#seal(packaged, track);
    const sizeBytes = chunk.blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    track.bitrate.note(sizeBytes, chunk.durationMs);
    if (this.#isNews(packaged, track)) this.#revise({ isLive: true });
    this.#counts.chunks++;
    this.#counts.blocks += chunk.blocks.length;
    this.#counts.copyBytes += sizeBytes;
    this.window.add(chunk);
    for (const listener of this.#listeners) listener.onChunk?.(chunk);
  }

  #seal(packaged: PackagedChunk, { index: track }: PublishedTrack): HeldChunk {
    const slices = sliceChunk(packaged.bytes);
    const header = {
      track,
      sequence: (this.#firstSequence + packaged.sequence) % 2 ** 32,
      count: slices.length,
      initVersion: packaged.initVersion,
      isIndependent: packaged.isIndependent,
      isDiscontinuity: packaged.isDiscontinuity,
      sourceTimeMs: Math.round(packaged.sourceTimeMs),
      durationMs: Math.min(Math.max(1, Math.round(packaged.durationMs)), WIRE_LIMITS.chunkMs),
    };
    const blocks: Block[] = slices.map((payload, index) =>
      this.signer.block({ ...header, index }, payload),
    );
    return { ...header, mediaTimeMs: packaged.mediaTimeMs, blocks };
  }

  #isNews({ initVersion }: PackagedChunk, track: PublishedTrack): boolean {
    if (!this.#descriptor.isLive || track.bitrate.isWorthAnnouncing) return true;
    return this.#announced.get(track.id) !== parametersOf(track, initVersion);
  }

  #revise(change: Partial<Pick<StreamDescriptor, "isLive" | "origins" | "chunkMs">>): void {
    for (const track of this.#tracks.all) {
      const { id, current, bitrate } = track;
      this.#announced.set(id, parametersOf(track, current.initVersion));
      if (bitrate.isWorthAnnouncing) bitrate.announce();
    }
    this.#descriptor = {
      ...this.#descriptor,
      revision: this.#descriptor.revision + 1,
      ...change,
      tracks: this.#tracks.describe(),
    };
    this.#signed = this.signer.descriptor(this.#descriptor);
    this.#remember();
    for (const listener of this.#listeners) listener.onDescriptor?.(this.#signed, this.#descriptor);
  }
}

/** What the descriptor says of a track, but for its rate. */
function parametersOf({ current }: PublishedTrack, initVersion: number): string {
  return [initVersion, ...(current.captions ?? [])].join();
}

function firstSequence(startedAtMs: number, chunkMs: number): number {
  const perSecond = Math.min(2000 / chunkMs, SEQUENCES_PER_SEC_MAX);
  const sinceEpochSec = Math.max(0, startedAtMs - SEQUENCE_EPOCH_MS) / 1000;
  return Math.floor(sinceEpochSec * perSecond) % 2 ** 32;
}
