import { type AudioCoding, isSameCoding, writeInitSegment } from "#media";
import type { PackagedChunk, PackagedTrack } from "../packager.ts";
import { ChunkBuilder } from "./chunk-builder.ts";
import type { AudioFrame } from "./frames.ts";
import { silenceAfter } from "./silence.ts";
import { TICKS_PER_SEC } from "./time-line.ts";

/** Time stamps may stray this far from the count of samples before they are believed, in s. */
const TOLERANCE_SEC = 0.05;
/** Encoders begin with samples whose time they state late: within this, in s, that is no news. */
const BEGINNING_SEC = 1;
/** Holes up to this are filled with silence, in s; players stop at holes. */
const MAX_SILENCE_SEC = 5;

export type AudioTrackOptions = {
  chunkMs: number;
  onTrack: (track: PackagedTrack) => void;
  onChunk: (chunk: PackagedChunk) => void;
  /** The time stamps are so far, in ms, from where the samples before have come to; below 0: behind it. */
  onStray?: (strayMs: number) => void;
};

type SourceTime = (mediaTimeMs: number) => number;

/** Audio frames in, init segments and chunks out; time is counted in samples, so nothing drifts. */
export class AudioTrack {
  readonly #options: AudioTrackOptions;
  readonly #builder: ChunkBuilder;
  #coding: AudioCoding | undefined;
  #initVersion = -1;
  /** Where the next frame goes, in samples. */
  #nextSample: number | undefined;
  /** What came last is silence in place of missing sound. */
  #isSilent = false;
  #last: AudioFrame | undefined;
  #beganAtTicks: number | undefined;

  constructor(options: AudioTrackOptions) {
    this.#options = options;
    this.#builder = new ChunkBuilder({ kind: "audio", ...options });
  }

  setChunkMs(chunkMs: number): void {
    this.#builder.setChunkMs(chunkMs);
  }

  /**
   * @param ticks Time of the frame on the output time line; undefined to follow the one before.
   * @returns Where the track ends now, in ticks.
   */
  push(frame: AudioFrame, ticks: number | undefined, sourceTimeMs: SourceTime): number {
    this.#configure(frame.coding);
    const rate = frame.coding.sampleRateHz;
    const stated = ticks === undefined ? undefined : Math.round((ticks * rate) / TICKS_PER_SEC);
    const expected = this.#nextSample ?? stated ?? 0;
    const hole = (stated ?? expected) - expected;
    this.#beganAtTicks ??= ticks;
    const sinceTicks = (ticks ?? 0) - (this.#beganAtTicks ?? 0);
    const isNews = sinceTicks > BEGINNING_SEC * TICKS_PER_SEC && !this.#isSilent;
    if (isNews && Math.abs(hole) > TOLERANCE_SEC * rate) {
      this.#options.onStray?.((hole * 1000) / rate);
    }
    if (hole < -TOLERANCE_SEC * rate) return (expected * TICKS_PER_SEC) / rate;
    this.#nextSample = expected;
    this.#isSilent = false;
    this.#last = frame;
    if (hole > TOLERANCE_SEC * rate) this.#bridge(hole, frame, sourceTimeMs);
    this.#add(frame, sourceTimeMs);
    return (this.#nextSample * TICKS_PER_SEC) / rate;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /**
   * Silence up to a time on the output time line, in place of sound that does not come. Not for
   * codecs that have none, and not before there was sound.
   * @returns Where the track ends now, in ticks.
   */
  silenceTo(ticks: number, sourceTimeMs: SourceTime): number | undefined {
    const silence = this.#last && silenceAfter(this.#last);
    if (silence === undefined || this.#nextSample === undefined) return undefined;
    const rate = silence.coding.sampleRateHz;
    const endSample = Math.round((ticks * rate) / TICKS_PER_SEC);
    // Nobody waited for what is that long ago.
    const earliest = endSample - MAX_SILENCE_SEC * rate;
    if (this.#nextSample < earliest) this.#nextSample = earliest;
    while (this.#nextSample + silence.samples <= endSample) this.#add(silence, sourceTimeMs);
    this.#isSilent = true;
    return (this.#nextSample * TICKS_PER_SEC) / rate;
  }

  /** See {@link ChunkBuilder.addEvent}. */
  addEvent(event: Uint8Array): boolean {
    return this.#builder.addEvent(event);
  }

  discontinuity(): void {
    this.#beganAtTicks = undefined;
    this.#builder.discontinuity();
  }

  flush(): void {
    this.#builder.close();
  }

  #bridge(holeSamples: number, next: AudioFrame, sourceTimeMs: SourceTime): void {
    const silence = silenceAfter(next);
    if (silence === undefined || holeSamples > MAX_SILENCE_SEC * next.coding.sampleRateHz) {
      this.#nextSample = (this.#nextSample ?? 0) + holeSamples;
      return;
    }
    const frames = Math.round(holeSamples / silence.samples);
    for (let i = 0; i < frames; i++) this.#add(silence, sourceTimeMs);
  }

  #add({ bytes, samples, coding }: AudioFrame, sourceTimeMs: SourceTime): void {
    const at = this.#nextSample ?? 0;
    const sample = {
      bytes,
      durationTicks: samples,
      compositionOffsetTicks: 0,
      isKeyFrame: true,
    };
    this.#builder.add(sample, at, () => sourceTimeMs((at * 1000) / coding.sampleRateHz));
    this.#nextSample = at + samples;
  }

  #configure(coding: AudioCoding): void {
    const current = this.#coding;
    if (isSameCoding(coding, current)) return;
    const { codec, sampleRateHz, channels } = coding;
    if (current !== undefined && this.#nextSample !== undefined) {
      this.#nextSample = Math.round((this.#nextSample * sampleRateHz) / current.sampleRateHz);
    }
    this.#coding = coding;
    this.#initVersion++;
    this.#builder.setInit(this.#initVersion, sampleRateHz);
    this.#options.onTrack({
      kind: "audio",
      codec,
      initSegment: writeInitSegment({ timescale: sampleRateHz, ...coding }),
      initVersion: this.#initVersion,
      timescale: sampleRateHz,
      sampleRateHz,
      channels,
    });
  }
}
