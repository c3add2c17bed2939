import { avcCodecString, type MediaError, parseSps, writeInitSegment } from "#media";
import type { PackagedChunk, PackagedTrack } from "../packager.ts";
import type { AccessUnit } from "./access-unit.ts";
import { ChunkBuilder } from "./chunk-builder.ts";
import { ParameterSets } from "./parameter-sets.ts";
import { TICKS_PER_SEC } from "./time-line.ts";

/** Until two frames were seen: 25 frames a second. */
const DEFAULT_FRAME_TICKS = TICKS_PER_SEC / 25;
/** A picture shown longer than this is a gap, not a frame. */
const MAX_FRAME_TICKS = 5 * TICKS_PER_SEC;

export type VideoTrackOptions = {
  chunkMs: number;
  onTrack: (track: PackagedTrack) => void;
  onChunk: (chunk: PackagedChunk) => void;
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
  readonly #parameterSets = new ParameterSets();
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

  /** Times on the output time line, in ticks. @returns Where the track ends now, if it took it. */
  push(
    unit: AccessUnit,
    times: PictureTimes,
    sourceTimeMs: (mediaTimeMs: number) => number,
  ): number | undefined {
    this.#parameterSets.note(unit);
    if (unit.isKeyFrame) this.#configure();
    if (this.#isWaitingForKey && !(unit.isKeyFrame && this.#initVersion >= 0)) return undefined;
    this.#isWaitingForKey = false;
    this.#measure(times);
    if (this.#isLeading(unit, times.pts)) {
      this.#options.onLeadingPicture();
      return undefined;
    }
    const at = this.#decodeTicks(times.dts);
    const endTicks = this.#endOf(times, at);
    const sample = {
      bytes: unit.bytes,
      durationTicks: endTicks - at,
      compositionOffsetTicks:
        Math.abs(times.pts - times.dts) <= MAX_FRAME_TICKS ? times.pts - at : times.dts - at,
      isKeyFrame: unit.isKeyFrame,
    };
    this.#builder.add(sample, at, () => sourceTimeMs((at * 1000) / TICKS_PER_SEC));
    this.#endTicks = endTicks;
    return endTicks;
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
  #isLeading(unit: AccessUnit, pts: number): boolean {
    if (unit.isKeyFrame) this.#leadingUntilPts = unit.isOpen ? pts : undefined;
    return this.#leadingUntilPts !== undefined && pts < this.#leadingUntilPts;
  }

  #configure(): void {
    const config = this.#parameterSets.takeChanged();
    const size = config && sizeOf(config.sps);
    if (config === undefined || size === undefined) return;
    this.#initVersion++;
    this.#builder.setInit(this.#initVersion, TICKS_PER_SEC);
    this.#options.onTrack({
      kind: "video",
      codec: avcCodecString(config.sps),
      initSegment: writeInitSegment({ kind: "video", timescale: TICKS_PER_SEC, ...config }),
      initVersion: this.#initVersion,
      timescale: TICKS_PER_SEC,
      ...size,
    });
  }
}

/** Undefined for a parameter set that cannot be read: the next one may be whole. */
function sizeOf(sps: Uint8Array): { width: number; height: number } | undefined {
  try {
    const { width, height } = parseSps(sps);
    return { width, height };
  } catch (error) {
    if ((error as MediaError).name === "MediaError") return undefined;
    throw error;
  }
}
