/** Sums that a media element starts over with each new source, kept across sources. */
export class PlaybackTotals {
  readonly #video: HTMLVideoElement;
  #before = { playedMs: 0, droppedFrames: 0 };

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Media time that was shown, in ms. */
  get playedMs(): number {
    return this.#before.playedMs + lengthMs(this.#video.played);
  }

  get droppedFrames(): number {
    return this.#before.droppedFrames + droppedFrames(this.#video);
  }

  /** To be called before the element gets another source. */
  keep(): void {
    this.#before = { playedMs: this.playedMs, droppedFrames: this.droppedFrames };
  }
}

function lengthMs(ranges: TimeRanges): number {
  let totalSec = 0;
  for (let i = 0; i < ranges.length; i++) totalSec += ranges.end(i) - ranges.start(i);
  return Math.round(totalSec * 1000);
}

function droppedFrames(video: HTMLVideoElement): number {
  return video.getVideoPlaybackQuality?.().droppedVideoFrames ?? 0;
}
