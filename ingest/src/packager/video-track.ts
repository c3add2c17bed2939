import { isSameCoding, type VideoCoding, writeInitSegment } from "#media";
import type { PackagedChunk, PackagedTrack } from "../packager.ts";
import { ChunkBuilder } from "./chunk-builder.ts";
import type { VideoFrame } from "./frames.ts";
import { TICKS_PER_SEC } from "./time-line.ts";

/** Until two frames were seen: 25 frames a second. */
const DEFAULT_FRAME_TICKS = TICKS_PER_SEC / 25;
/** A picture shown longer than this is a gap, not a frame. */
const MAX_FRAME_TICKS = 5 * TICKS_PER_SEC;

export type VideoTrackOptions = {
  chunkMs: number;
  onTrack: (track: PackagedTrack) => void;
  onChunk: (chunk: PackagedChunk) => void;
  /** The encoder has changed its parameters, in words: `640×360, avc1.64001e`. */
  onChange?: (before: string, now: string) => void;
  /** A picture was left out because it needs one from before its key frame. */
  onLeadingPicture: () => void;
};

export type PictureTimes = { dts: number; pts: number; nextDts: number | undefined };

/**
 * Pictures in, init segments and chunks out. Decode times have no holes: MediaSource drops all up
 * to the next key frame after one of more than two frames (its "coded frame processing", step 6),
 * so two lost pictures would cost a second. The picture after a hole is decoded where the one
 * before it ended, and shown when it should be.
 */
export class VideoTrack {
  readonly #options: VideoTrackOptions;
  readonly #builder: ChunkBuilder;
  #coding: VideoCoding | undefined;
  /** Captions stay announced when their speaker is silent. */
  readonly #captions = new Set<string>();
  #initVersion = -1;
  #isWaitingForKey = true;
  /** Pictures shown before this need the GOP before. */
  #leadingUntilPts: number | undefined;
  /** The last two steps of decode time: the lesser is a frame, the other may be a hole. */
  #frameTicks: [number, number] = [DEFAULT_FRAME_TICKS, DEFAULT_FRAME_TICKS];
  #lastDts: number | undefined;
  /** Where the last picture ended. */
  #endTicks: number | undefined;

  constructor(options: VideoTrackOptions) {
    this.#options = options;
    this.#builder = new ChunkBuilder({ kind: "video", ...options });
  }

  setChunkMs(chunkMs: number): void {
    this.#builder.setChunkMs(chunkMs);
  }

  /** Times on the output time line, in ticks. @returns Where the track ends now, if it took it. */
  push(
    frame: VideoFrame,
    times: PictureTimes,
    sourceTimeMs: (mediaTimeMs: number) => number,
  ): number | undefined {
    if (frame.isKeyFrame) this.#configure(frame.coding);
    if (this.#isWaitingForKey && !(frame.isKeyFrame && this.#initVersion >= 0)) return undefined;
    this.#isWaitingForKey = false;
    this.#noteCaptions(frame.captions);
    this.#measure(times);
    if (this.#isLeading(frame, times.pts)) {
      this.#options.onLeadingPicture();
      return undefined;
    }
    const at = this.#decodeTicks(times.dts);
    const endTicks = this.#endOf(times, at);
    const sample = {
      bytes: frame.bytes,
      durationTicks: endTicks - at,
      compositionOffsetTicks:
        Math.abs(times.pts - times.dts) <= MAX_FRAME_TICKS ? times.pts - at : times.dts - at,
      isKeyFrame: frame.isKeyFrame,
    };
    this.#builder.add(sample, at, () => sourceTimeMs((at * 1000) / TICKS_PER_SEC));
    this.#endTicks = endTicks;
    return endTicks;
  }

  /** See {@link ChunkBuilder.addEvent}. */
  addEvent(event: Uint8Array): boolean {
    return this.#builder.addEvent(event);
  }

  discontinuity(): void {
    this.#builder.discontinuity();
    this.#isWaitingForKey = true;
    this.#leadingUntilPts = undefined;
    this.#lastDts = undefined;
  }

  flush(): void {
    this.#builder.close();
  }

  /** Where the last picture ended, unless so much is missing that there must be a hole. */
  #decodeTicks(dts: number): number {
    const end = this.#endTicks ?? dts;
    return dts - end > MAX_FRAME_TICKS ? dts : end;
  }

  /** The next picture is due then: it says so itself, or comes as far behind as this one did. */
  #endOf({ dts, nextDts }: PictureTimes, at: number): number {
    const step = nextDts === undefined ? 0 : nextDts - dts;
    const isStated = step > 0 && step <= MAX_FRAME_TICKS;
    return Math.max(at + 1, dts + (isStated ? step : Math.min(...this.#frameTicks)));
  }

  #measure({ dts }: PictureTimes): void {
    const step = this.#lastDts === undefined ? 0 : dts - this.#lastDts;
    this.#lastDts = dts;
    if (step > 0 && step <= MAX_FRAME_TICKS) this.#frameTicks = [this.#frameTicks[1], step];
  }

  /** After an open key frame: a viewer who begins there cannot decode them, and players stop at that. */
  #isLeading(frame: VideoFrame, pts: number): boolean {
    if (frame.isKeyFrame) this.#leadingUntilPts = frame.isOpen ? pts : undefined;
    return this.#leadingUntilPts !== undefined && pts < this.#leadingUntilPts;
  }

  #noteCaptions(found: readonly string[] = []): void {
    const isNews = found.some((channel) => !this.#captions.has(channel));
    if (!isNews || this.#coding === undefined) return;
    for (const channel of found) this.#captions.add(channel);
    this.#announce(this.#coding);
  }

  #configure(coding: VideoCoding | undefined): void {
    if (coding === undefined || isSameCoding(coding, this.#coding)) return;
    if (this.#coding !== undefined)
      this.#options.onChange?.(wordsFor(this.#coding), wordsFor(coding));
    this.#coding = coding;
    this.#initVersion++;
    this.#builder.setInit(this.#initVersion, TICKS_PER_SEC);
    this.#announce(coding);
  }

  #announce(coding: VideoCoding): void {
    const { codec, width, height } = coding;
    this.#options.onTrack({
      kind: "video",
      codec,
      initSegment: writeInitSegment({ timescale: TICKS_PER_SEC, ...coding }),
      initVersion: this.#initVersion,
      timescale: TICKS_PER_SEC,
      width,
      height,
      ...(this.#captions.size === 0 ? {} : { captions: [...this.#captions].sort() }),
    });
  }
}

function wordsFor({ width, height, codec }: VideoCoding): string {
  return `${width}×${height}, ${codec}`;
}
