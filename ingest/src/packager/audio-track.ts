import { aacCodecString, writeInitSegment } from "#media";
import type { PackagedChunk, PackagedTrack } from "../packager.ts";
import { AAC_FRAME_SAMPLES, type AacConfig, type AacFrame, silentFrame } from "./adts.ts";
import { ChunkBuilder } from "./chunk-builder.ts";
import { TICKS_PER_SEC } from "./time-line.ts";

/** Time stamps may stray this far from the count of samples before they are believed, in s. */
const TOLERANCE_SEC = 0.05;
/** Holes up to this are filled with silence, in s; players stop at holes. */
const MAX_SILENCE_SEC = 5;

export type AudioTrackOptions = {
  chunkMs: number;
  onTrack: (track: PackagedTrack) => void;
  onChunk: (chunk: PackagedChunk) => void;
};

/** AAC frames in, init segments and chunks out; time is counted in samples, so nothing drifts. */
export class AudioTrack {
  readonly #options: AudioTrackOptions;
  readonly #builder: ChunkBuilder;
  #config: AacConfig | undefined;
  #initVersion = -1;
  /** Where the next frame goes, in samples. */
  #nextSample: number | undefined;

  constructor(options: AudioTrackOptions) {
    this.#options = options;
    this.#builder = new ChunkBuilder({ kind: "audio", ...options });
  }

  /**
   * @param ticks Time of the frame on the output time line; undefined to follow the one before.
   * @returns Where the track ends now, in ticks.
   */
  push(
    frame: AacFrame,
    ticks: number | undefined,
    sourceTimeMs: (mediaTimeMs: number) => number,
  ): number {
    const config = this.#configure(frame.config);
    const rate = config.sampleRateHz;
    const stated = ticks === undefined ? undefined : Math.round((ticks * rate) / TICKS_PER_SEC);
    const expected = this.#nextSample ?? stated ?? 0;
    const hole = (stated ?? expected) - expected;
    if (hole < -TOLERANCE_SEC * rate) return (expected * TICKS_PER_SEC) / rate;
    this.#nextSample = expected;
    if (hole > TOLERANCE_SEC * rate) this.#bridge(hole, config, sourceTimeMs);
    this.#add(frame.bytes, rate, sourceTimeMs);
    return (this.#nextSample * TICKS_PER_SEC) / rate;
  }

  discontinuity(): void {
    this.#builder.discontinuity();
  }

  flush(): void {
    this.#builder.close();
  }

  #bridge(
    holeSamples: number,
    config: AacConfig,
    sourceTimeMs: (mediaTimeMs: number) => number,
  ): void {
    const silence = silentFrame(config);
    const isFillable = holeSamples <= MAX_SILENCE_SEC * config.sampleRateHz;
    const frames = Math.round(holeSamples / AAC_FRAME_SAMPLES);
    if (silence !== undefined && isFillable) {
      for (let i = 0; i < frames; i++) this.#add(silence, config.sampleRateHz, sourceTimeMs);
    } else {
      this.#nextSample = (this.#nextSample ?? 0) + holeSamples;
    }
  }

  #add(bytes: Uint8Array, rate: number, sourceTimeMs: (mediaTimeMs: number) => number): void {
    const at = this.#nextSample ?? 0;
    const sample = {
      bytes,
      durationTicks: AAC_FRAME_SAMPLES,
      compositionOffsetTicks: 0,
      isKeyFrame: true,
    };
    this.#builder.add(sample, at, () => sourceTimeMs((at * 1000) / rate));
    this.#nextSample = at + AAC_FRAME_SAMPLES;
  }

  #configure(config: AacConfig): AacConfig {
    const current = this.#config;
    const isSame =
      current?.sampleRateHz === config.sampleRateHz &&
      current.channels === config.channels &&
      current.objectType === config.objectType;
    if (isSame) return current;
    const { sampleRateHz, channels, objectType } = config;
    if (current !== undefined && this.#nextSample !== undefined) {
      this.#nextSample = Math.round((this.#nextSample * sampleRateHz) / current.sampleRateHz);
    }
    this.#config = config;
    this.#initVersion++;
    this.#builder.setInit(this.#initVersion, sampleRateHz);
    this.#options.onTrack({
      kind: "audio",
      codec: aacCodecString(objectType),
      initSegment: writeInitSegment({
        kind: "audio",
        timescale: sampleRateHz,
        sampleRateHz,
        channels,
        objectType,
      }),
      initVersion: this.#initVersion,
      timescale: sampleRateHz,
      sampleRateHz,
      channels,
    });
    return config;
  }
}
