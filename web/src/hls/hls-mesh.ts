import { NO_MESH_STATS } from "../player/player-stats.ts";
import { OPEN_WAY, StreamSession } from "../session/stream-session.ts";
import { ChunkShelf } from "./chunk-shelf.ts";
import { initFrom, KnownInits } from "./known-inits.ts";
import type { MediaRange, MediaUrl, StreamPlace } from "./media-url.ts";
import { APPEND_AHEAD_MS, patienceMs } from "./patience.ts";
import { RequestedRendition } from "./requested-rendition.ts";
import { joinBytes, OriginFailure, VerifiedOrigin } from "./verified-origin.ts";

/** What a mesh behind an HLS player has done so far. Sums are cumulative. A contract. */
export type HlsMeshStats = {
  streamId: string;
  bytes: {
    /** Verified block bytes by who sent them: viewers, seeder, HTTP origin. */
    fromPeers: number;
    fromSeeder: number;
    fromOrigin: number;
    /** Block bytes sent to other viewers. */
    uploaded: number;
    duplicate: number;
    control: number;
  };
  blocks: { received: number; rejected: number; repaired: number };
  /** Open data channels to other peers. */
  neighbors: number;
  /** Now minus the source time on screen, in ms; null before playback and without `attachMesh`. */
  latencyMs: number | null;
};

/** The mesh behind one HLS player: membership in the stream's swarm, and what came of it. */
export class HlsMesh {
  readonly #place: StreamPlace;
  readonly #session: StreamSession;
  readonly #requested = new RequestedRendition(() => this.#session.chooseTracks());
  readonly #origin: VerifiedOrigin;
  readonly #shelf = new ChunkShelf();
  readonly #inits = new KnownInits();
  /** Called whenever something came. */
  readonly #waiting = new Set<() => void>();
  /** As it was told last; from there on it is taken to move. */
  #playhead: { sourceTimeMs: number; atMs: number } | undefined;

  /**
   * @param trackerUrl Where the stream's tracker is; its origins are named by the descriptor.
   * @param token What lets us in there, where watching is protected.
   */
  constructor(place: StreamPlace, trackerUrl: string, token?: string) {
    this.#place = place;
    this.#origin = new VerifiedOrigin(place, token);
    this.#session = new StreamSession(
      { streamId: place.streamId, serverUrl: trackerUrl, ...(token !== undefined && { token }) },
      OPEN_WAY,
      this.#requested,
      {
        onChunk: (chunk) => {
          this.#shelf.add(chunk);
          this.#wake();
        },
        onDescriptor: (descriptor) => {
          this.#inits.learn(descriptor);
          this.#origin.use(descriptor);
          this.#wake();
        },
        onChange: () => {},
      },
    );
  }

  get streamId(): string {
    return this.#place.streamId;
  }

  getStats(): HlsMeshStats {
    const { bytes, blocks, neighbors } = this.#session.stats ?? NO_MESH_STATS;
    const sourceNowMs = this.#session.sourceNowMs();
    const playheadMs = this.#playhead?.sourceTimeMs;
    const isKnown = sourceNowMs !== undefined && playheadMs !== undefined;
    return {
      streamId: this.#place.streamId,
      bytes: { ...bytes, fromOrigin: bytes.fromOrigin + this.#origin.receivedBytes },
      blocks: { ...blocks, rejected: blocks.rejected + this.#origin.rejectedBlocks },
      neighbors: neighbors.length,
      latencyMs: isKnown ? Math.round(sourceNowMs - playheadMs) : null,
    };
  }

  /** Source time on screen: what is needed when follows from it. */
  setPlayhead(sourceTimeMs: number | undefined): void {
    // One that stands ought to move: what it lacks becomes urgent all the same.
    if (sourceTimeMs === this.#playhead?.sourceTimeMs) return;
    this.#playhead = sourceTimeMs ? { sourceTimeMs, atMs: performance.now() } : undefined;
    this.#session.setPlayhead(sourceTimeMs && sourceTimeMs + APPEND_AHEAD_MS);
  }

  /** Source clock now, in ms. */
  sourceNowMs(): number | undefined {
    return this.#session.sourceNowMs();
  }

  /** What an address of a playlist names. @throws {OriginFailure} When nobody has it. */
  load(url: MediaUrl, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return url.type === "init" ? this.#init(url.trackId, url.hash) : this.#media(url.range, signal);
  }

  close(): void {
    this.#session.close();
    this.#wake();
  }

  /** From a signed descriptor, the newest or an earlier one: playlists are not signed. */
  async #init(trackId: string, hash: string): Promise<Uint8Array<ArrayBuffer>> {
    const known = await this.#inits.find(trackId, hash);
    if (known !== undefined) return known;
    this.#origin.renew();
    const init = await initFrom(await this.#origin.descriptor(), trackId, hash);
    if (init === undefined) throw new OriginFailure("that init segment is not signed", 404);
    return init;
  }

  async #media(range: MediaRange, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { trackId, first, last } = range;
    this.#requested.note(trackId);
    await this.#untilHere(range, signal);
    const { tracks } = this.#session.descriptor ?? (await this.#origin.descriptor());
    const track = tracks.findIndex(({ id }) => id === trackId);
    const chunks = Array.from({ length: last - first + 1 }, (_, index) => {
      const kept = this.#shelf.get(track, first + index);
      return kept?.bytes ?? this.#origin.chunk(trackId, first + index, signal);
    });
    return joinBytes(await Promise.all(chunks));
  }

  /** Resolves when all of it came, or when it cannot be waited for any longer. */
  #untilHere(range: MediaRange, signal: AbortSignal): Promise<void> {
    const startMs = performance.now();
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const look = () => {
        clearTimeout(timer);
        const leftMs = this.#leftMs(range, performance.now() - startMs);
        if (leftMs <= 0 || signal.aborted) done();
        else timer = setTimeout(look, leftMs);
      };
      signal.addEventListener("abort", done);
      this.#waiting.add(look);
      look();
    });
  }

  /** How much longer a request for this may wait; 0 when all of it is here. */
  #leftMs({ trackId, first, last }: MediaRange, waitedMs: number): number {
    const descriptor = this.#session.descriptor;
    const track = descriptor?.tracks.findIndex(({ id }) => id === trackId) ?? -1;
    const missing = this.#shelf.missing(track, first, last);
    const playheadSourceMs =
      this.#playhead && this.#playhead.sourceTimeMs + performance.now() - this.#playhead.atMs;
    const waits = missing.map((sequence) =>
      patienceMs({
        estimate: this.#shelf.estimate(track, sequence),
        playheadSourceMs,
        isMeshRunning: descriptor !== undefined,
        waitedMs,
      }),
    );
    return missing.length === 0 ? 0 : Math.min(...waits);
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
