import { avcCodecString, type MediaError, parseSps, writeInitSegment } from "#media";
import type { PackagedChunk, PackagedTrack } from "../packager.ts";
import type { AccessUnit } from "./access-unit.ts";
import { ChunkBuilder } from "./chunk-builder.ts";
import { TICKS_PER_SEC } from "./time-line.ts";

/** Until two frames were seen: 25 frames a second. */
const DEFAULT_FRAME_TICKS = TICKS_PER_SEC / 25;
/** A picture shown longer than this is a gap, not a frame. */
const MAX_FRAME_TICKS = 5 * TICKS_PER_SEC;
/** Pictures without a key frame after which somebody should be told: six seconds. */
const KEYLESS_PICTURES = 150;

export type VideoTrackOptions = {
  chunkMs: number;
  onTrack: (track: PackagedTrack) => void;
  onChunk: (chunk: PackagedChunk) => void;
  onKeyless: () => void;
};

/** Pictures in, init segments and chunks out. */
export class VideoTrack {
  readonly #options: VideoTrackOptions;
  readonly #builder: ChunkBuilder;
  #sps: Uint8Array | undefined;
  #pps: Uint8Array | undefined;
  #initVersion = -1;
  #isWaitingForKey = true;
  #keylessPictures = 0;
  #frameTicks = DEFAULT_FRAME_TICKS;

  constructor(options: VideoTrackOptions) {
    this.#options = options;
    this.#builder = new ChunkBuilder({ kind: "video", ...options });
  }

  /** Times on the output time line, in ticks. @returns Where the track ends now, if it took it. */
  push(
    unit: AccessUnit,
    { dts, pts, nextDts }: { dts: number; pts: number; nextDts: number | undefined },
    sourceTimeMs: () => number,
  ): number | undefined {
    if (unit.isKeyFrame) this.#configure(unit);
    if (this.#isWaitingForKey && !(unit.isKeyFrame && this.#initVersion >= 0)) {
      if (++this.#keylessPictures === KEYLESS_PICTURES) this.#options.onKeyless();
      return undefined;
    }
    this.#isWaitingForKey = false;
    this.#keylessPictures = 0;
    const step = nextDts === undefined ? 0 : nextDts - dts;
    if (step > 0 && step <= MAX_FRAME_TICKS) this.#frameTicks = step;
    const compositionOffsetTicks = Math.abs(pts - dts) <= MAX_FRAME_TICKS ? pts - dts : 0;
    const sample = {
      bytes: unit.bytes,
      durationTicks: this.#frameTicks,
      compositionOffsetTicks,
      isKeyFrame: unit.isKeyFrame,
    };
    this.#builder.add(sample, dts, sourceTimeMs);
    return dts + this.#frameTicks;
  }

  discontinuity(): void {
    this.#builder.discontinuity();
    this.#isWaitingForKey = true;
    this.#keylessPictures = 0;
  }

  flush(): void {
    this.#builder.close();
  }

  #configure({ sps = this.#sps, pps = this.#pps }: AccessUnit): void {
    if (sps === undefined || pps === undefined) return;
    if (isSame(sps, this.#sps) && isSame(pps, this.#pps)) return;
    const size = sizeOf(sps);
    if (size === undefined) return;
    this.#sps = sps.slice();
    this.#pps = pps.slice();
    this.#initVersion++;
    this.#builder.setInit(this.#initVersion, TICKS_PER_SEC);
    const config = { kind: "video", timescale: TICKS_PER_SEC, sps, pps } as const;
    this.#options.onTrack({
      kind: "video",
      codec: avcCodecString(sps),
      initSegment: writeInitSegment(config),
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

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index]);
}
