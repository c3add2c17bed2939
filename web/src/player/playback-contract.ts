import type { TimedMetadata } from "../in-band/event-queue.ts";
import type { PlaybackFailure } from "../sink/renewable-sink.ts";

export type LivePlaybackHandlers = {
  /** Source clock now, in ms; undefined until it is known. */
  sourceNowMs(): number | undefined;
  /** Source time on screen, four times a second and after each jump; undefined while paused and
   * before the first frame. */
  onPlayhead(sourceTimeMs: number | undefined): void;
  onFirstFrame(): void;
  /** From somewhere ahead of the playhead on it is this rendition that is played. */
  onRendition(id: string): void;
  /** The playhead has come to something that happens at a time of the media. */
  onMetadata(event: TimedMetadata): void;
  onStall(): void;
  /**
   * Somebody plays again after a pause that has left live behind.
   * @returns Whether that is taken care of; else it goes on at live.
   */
  onResume(sourceTimeMs: number): boolean;
  /** Back at live, by itself or because it was asked to. */
  onLive(): void;
  /** What {@link LivePlayback.facts} tells has changed. */
  onChange(): void;
  /** This browser cannot play this stream. The last call. */
  onFailure(failure: PlaybackFailure): void;
};

export type PlaybackFacts = {
  hasFirstFrame: boolean;
  isPaused: boolean;
  /** Out of media: before the first frame, or in a stall. */
  isDry: boolean;
  /** The browser refused sound without a click; it went on without. */
  isMutedByBrowser: boolean;
  /** What is played is of the past, by choice. */
  isPast: boolean;
};

export type PlaybackStats = {
  latencyMs: number | undefined;
  targetLatencyMs: number;
  forwardBufferMs: number;
  playbackRate: number;
  stalls: { count: number; totalMs: number };
  playedMs: number;
  /** Media that was never shown: it did not come in time, or a jump went over it. */
  skippedMs: number;
  droppedFrames: number;
  /** Shown or dropped. */
  totalFrames: number;
  /** Id of the track on screen; undefined before there is one. */
  rendition: string | undefined;
  /** How often the media source had to be replaced, and why the last time. */
  renewals: { count: number; lastReason: string | null };
};
