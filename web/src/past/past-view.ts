import type { MeshChunk } from "#mesh";
import type { StreamDescriptor } from "#protocol";
import type { LivePlayback } from "../player/live-playback.ts";
import type { StreamSession } from "../session/stream-session.ts";
import { playableTracks } from "../sink/playable-tracks.ts";
import { PastFeed } from "./past-feed.ts";
import type { FoundPast, SessionPast } from "./session-past.ts";

export type PastViewParts = {
  playback: Pick<
    LivePlayback,
    "goBack" | "pushPast" | "learn" | "stats" | "facts" | "shownSourceTimeMs"
  >;
  /** Another one may take its place. */
  session(): Pick<StreamSession, "past" | "descriptor" | "sourceNowMs"> | undefined;
  /** How far back one can go. */
  dvrMs(): number | undefined;
  /** Id of the rendition on screen. */
  rendition(): string | null;
  /** Nobody has it any more, nor anything older, or it is live: that is all there is. */
  onLost(): void;
};

/** Less behind live than this, in ms, is live. */
const LEAST_BEHIND_MS = 4000;

/** What is lost is looked for anew at most this often, in ms. */
const REFIND_MS = 4000;

/** One player's way through the past: finds the place, feeds it, and finds it again when it is lost. */
export class PastView {
  readonly #parts: PastViewParts;
  #feed: PastFeed | undefined;
  #seek = new AbortController();
  /** `track version` of the init segments the sink has. */
  #inits = new Set<string>();
  #foundAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: PastViewParts) {
    this.#parts = parts;
  }

  /** Play what was on air so long ago, in ms; near live that is live. */
  seekBehind(behindMs: number): void {
    const nowMs = this.#parts.session()?.sourceNowMs() ?? 0;
    this.seek(nowMs - Math.min(behindMs, this.#parts.dvrMs() ?? 0));
  }

  /** The same of the source's clock. Ends an earlier seek. */
  seek(sourceTimeMs: number, rendition = this.#parts.rendition() ?? ""): void {
    const nowMs = this.#parts.session()?.sourceNowMs() ?? 0;
    if (nowMs - sourceTimeMs < LEAST_BEHIND_MS) this.#parts.onLost();
    else void this.#seekOrLose(sourceTimeMs, rendition);
  }

  /** At the same place. */
  changeRendition(id: string): void {
    const { shownSourceTimeMs } = this.#parts.playback;
    if (shownSourceTimeMs !== undefined) this.seek(shownSourceTimeMs, id);
  }

  stop(): void {
    this.#seek.abort();
    this.#feed?.close();
    this.#feed = undefined;
  }

  async #seekOrLose(sourceTimeMs: number, rendition: string): Promise<void> {
    this.#seek.abort();
    this.#seek = new AbortController();
    const { signal } = this.#seek;
    const isFound = await this.#find(sourceTimeMs, rendition, signal).catch(() => false);
    if (!isFound && !signal.aborted) this.#parts.onLost();
  }

  async #find(sourceTimeMs: number, rendition: string, signal: AbortSignal): Promise<boolean> {
    const session = this.#parts.session();
    const past = await session?.past();
    const { descriptor } = session ?? {};
    if (past === undefined || descriptor === undefined) return false;
    const isPicture = descriptor.tracks.find(({ id }) => id === rendition)?.kind === "video";
    const found = await past.find(sourceTimeMs, isPicture ? rendition : "none", signal);
    if (found === undefined || signal.aborted) return false;
    this.#foundAtMs = performance.now();
    this.#begin(found, Math.max(sourceTimeMs, found.sourceTimeMs), descriptor, rendition, past);
    return true;
  }

  #begin(
    found: FoundPast,
    fromMs: number,
    descriptor: StreamDescriptor,
    rendition: string,
    past: SessionPast,
  ): void {
    const { playback } = this.#parts;
    this.#feed?.close();
    playback.goBack(fromMs, rendition);
    this.#inits = new Set();
    this.#learn([descriptor, ...found.descriptors]);
    const tracks = playableTracks(descriptor, rendition).flatMap(({ track, index }) => {
      const start = found.tracks.find(({ id }) => id === track.id);
      return start === undefined ? [] : [{ track: index, sequence: start.sequence }];
    });
    this.#feed = new PastFeed(tracks, {
      chunk: (track, sequence) => past.chunk(track, sequence),
      forwardMs: () => {
        const { forwardBufferMs } = playback.stats;
        // Before it has begun nothing is ahead of anything.
        return playback.shownSourceTimeMs === undefined ? undefined : forwardBufferMs;
      },
      push: (chunk) => this.#push(chunk, past, rendition),
      onMissing: () => this.#lost(rendition),
    });
  }

  async #push(chunk: MeshChunk, past: SessionPast, rendition: string): Promise<void> {
    const { signal } = this.#seek;
    if (!this.#inits.has(`${chunk.track} ${chunk.initVersion}`)) {
      const found = await past.find(chunk.sourceTimeMs, rendition, signal);
      if (found !== undefined && !signal.aborted) this.#learn(found.descriptors);
    }
    if (!signal.aborted) this.#parts.playback.pushPast(chunk);
  }

  #learn(descriptors: readonly StreamDescriptor[]): void {
    for (const descriptor of descriptors) {
      this.#parts.playback.learn(descriptor);
      for (const [index, { initVersion }] of descriptor.tracks.entries()) {
        this.#inits.add(`${index} ${initVersion}`);
      }
    }
  }

  /** The window has moved on beyond us, or there is a hole. */
  #lost(rendition: string): void {
    const { shownSourceTimeMs } = this.#parts.playback;
    const isHopeless = performance.now() - this.#foundAtMs < REFIND_MS;
    if (isHopeless || shownSourceTimeMs === undefined) this.#parts.onLost();
    else this.seek(shownSourceTimeMs, rendition);
  }
}
