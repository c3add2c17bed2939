import { type BufferedRange, forwardBufferMs, startPositionMs } from "../sink/buffered-ranges.ts";
import type { RenewableSink } from "../sink/renewable-sink.ts";

/** Rather a bit later than wanted than with less media than this in reserve, in ms. */
const GOOD_BUFFER_MS = 450;

export type LivePositionParts = {
  video: HTMLVideoElement;
  sink: RenewableSink;
  /** Source clock now, in ms; undefined until it is known. */
  sourceNowMs: () => number | undefined;
  targetLatencyMs: () => number;
};

/** Where playback is, and where it should be, on both time lines. Reads; changes nothing. */
export class LivePosition {
  readonly #parts: LivePositionParts;

  constructor(parts: LivePositionParts) {
    this.#parts = parts;
  }

  /** Media time on screen, in ms. */
  get playheadMs(): number {
    return this.#parts.video.currentTime * 1000;
  }

  get ranges(): BufferedRange[] {
    return this.#parts.sink.current.ranges;
  }

  /** Contiguous media ahead of the playhead, in ms. */
  get forwardMs(): number {
    return forwardBufferMs(this.ranges, this.playheadMs);
  }

  /** Source time on screen; undefined where no chunk is known to be. */
  get shownSourceTimeMs(): number | undefined {
    return this.#parts.sink.current.timeline.sourceTimeMs(this.playheadMs);
  }

  get latencyMs(): number | undefined {
    const shownMs = this.shownSourceTimeMs;
    const nowMs = this.#parts.sourceNowMs();
    return nowMs === undefined || shownMs === undefined ? undefined : nowMs - shownMs;
  }

  /** How much further behind live than it should be, in ms; 0 while that is not known. */
  get behindTargetMs(): number {
    const { latencyMs } = this;
    return latencyMs === undefined ? 0 : latencyMs - this.#parts.targetLatencyMs();
  }

  /** Media time that lies the target latency behind live. */
  get wantedMs(): number {
    const { timeline } = this.#parts.sink.current;
    const nowMs = this.#parts.sourceNowMs();
    const edgeMs = timeline.edgeMs ?? 0;
    const targetMs = this.#parts.targetLatencyMs();
    if (nowMs === undefined) return edgeMs - targetMs;
    return timeline.mediaTimeMs(nowMs - targetMs) ?? edgeMs;
  }

  /** The position of a source time, or the first there is after it, with so much media beyond it. */
  pastMs(sourceTimeMs: number, minForwardMs: number): number | undefined {
    const wantedMs = this.#parts.sink.current.timeline.mediaTimeMs(sourceTimeMs);
    const range = this.ranges.find(({ endMs }) => endMs - minForwardMs >= (wantedMs ?? endMs));
    return range && wantedMs && Math.max(range.startMs, wantedMs);
  }

  /** The best position there is media for, or undefined with less than `minForwardMs` of it. */
  liveMs(minForwardMs: number): number | undefined {
    const { ranges, wantedMs } = this;
    return startPositionMs({ ranges, wantedMs, minForwardMs, goodForwardMs: GOOD_BUFFER_MS });
  }
}
