/** Sums that a media element starts over with each new source, kept across sources. */
export class PlaybackTotals {
  readonly #video: HTMLVideoElement;
  #before = { playedMs: 0, droppedFrames: 0, totalFrames: 0 };

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Media time that was shown, in ms. */
  get playedMs(): number {
    return this.#before.playedMs + lengthMs(this.#video.played);
  }

  get droppedFrames(): number {
    return this.#before.droppedFrames + qualityOf(this.#video).droppedVideoFrames;
  }

  /** Shown or dropped. */
  get totalFrames(): number {
    return this.#before.totalFrames + qualityOf(this.#video).totalVideoFrames;
  }

  /** To be called before the element gets another source. */
  keep(): void {
    const { playedMs, droppedFrames, totalFrames } = this;
    this.#before = { playedMs, droppedFrames, totalFrames };
  }
}

function lengthMs(ranges: TimeRanges): number {
  let totalSec = 0;
  for (let i = 0; i < ranges.length; i++) totalSec += ranges.end(i) - ranges.start(i);
  return Math.round(totalSec * 1000);
}

const UNKNOWN_QUALITY = { droppedVideoFrames: 0, totalVideoFrames: 0 };

function qualityOf(video: HTMLVideoElement): typeof UNKNOWN_QUALITY {
  return video.getVideoPlaybackQuality?.() ?? UNKNOWN_QUALITY;
}
