import type Hls from "hls.js";

/** Behind its target by more than this, a player that has the media jumps instead of hurrying, in s. */
const JUMP_BEHIND_SEC = 1;
/** A step back by more than this is somebody's wish, in s; hls.js itself nudges by less. */
const STEP_BACK_SEC = 1;

export type LiveFacts = {
  /** As hls.js has them, in seconds. */
  latencySec: number;
  targetLatencySec: number | null;
  liveSyncPositionSec: number | null;
  bufferedEndSec: number;
  /** The viewer paused or went back, and has not come back to live since. */
  isBehindByWish: boolean;
};

/** Where to go on, or undefined: where we are is near enough to live, or meant to be there. */
export function jumpTarget(facts: LiveFacts): number | undefined {
  const { latencySec, targetLatencySec, liveSyncPositionSec, bufferedEndSec } = facts;
  if (facts.isBehindByWish || targetLatencySec === null || liveSyncPositionSec === null) {
    return undefined;
  }
  const isFarBehind = latencySec - targetLatencySec > JUMP_BEHIND_SEC;
  const isThere = liveSyncPositionSec < bufferedEndSec;
  return isFarBehind && isThere ? liveSyncPositionSec : undefined;
}

/**
 * Brings a player back to live that a slow start or a stall has left behind, as soon as the media is
 * there. At 5 % faster that takes hls.js twenty seconds per second.
 */
export class LiveKeeper {
  readonly #hls: Hls;
  #media: HTMLMediaElement | null = null;
  #listeners = new AbortController();
  #hasPlayed = false;
  #isBehindByWish = false;
  #lastPositionSec = 0;

  constructor(hls: Hls) {
    this.#hls = hls;
  }

  /** Several times a second. */
  look(): void {
    const { media, latency, targetLatency, liveSyncPosition } = this.#hls;
    if (media !== this.#media) this.#follow(media);
    if (media === null || media.paused || media.seeking || !this.#hasPlayed) return;
    this.#lastPositionSec = media.currentTime;
    if (latency - (targetLatency ?? 0) < JUMP_BEHIND_SEC) this.#isBehindByWish = false;
    const { buffered } = media;
    const positionSec = jumpTarget({
      latencySec: latency,
      targetLatencySec: targetLatency,
      liveSyncPositionSec: liveSyncPosition,
      bufferedEndSec: buffered.length === 0 ? 0 : buffered.end(buffered.length - 1),
      isBehindByWish: this.#isBehindByWish,
    });
    if (positionSec !== undefined) media.currentTime = positionSec;
  }

  close(): void {
    this.#listeners.abort();
  }

  #follow(media: HTMLMediaElement | null): void {
    this.#listeners.abort();
    this.#listeners = new AbortController();
    this.#media = media;
    this.#hasPlayed = false;
    this.#isBehindByWish = false;
    const { signal } = this.#listeners;
    media?.addEventListener("playing", () => (this.#hasPlayed = true), { signal });
    media?.addEventListener("pause", () => (this.#isBehindByWish = true), { signal });
    const seeking = () => {
      const isBack = media !== null && media.currentTime < this.#lastPositionSec - STEP_BACK_SEC;
      if (this.#hasPlayed && isBack) this.#isBehindByWish = true;
    };
    media?.addEventListener("seeking", seeking, { signal });
    // Already playing when the mesh came to it.
    this.#hasPlayed = media !== null && !media.paused && media.currentTime > 0;
  }
}
