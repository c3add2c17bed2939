import { type Sample, writeChunk } from "#media";
import type { PackagedChunk } from "../packager.ts";

/** Longest chunk a block header can state; only a frame that lasts seconds gets there. */
const MAX_CHUNK_MS = 10_000;
/** Samples of one chunk: bounds what time stamps that stand still can pile up. */
const MAX_SAMPLES = 1000;
/** Bytes of samples in one chunk; more go into the next. A chunk has to fit 1,024 blocks, 16 MB. */
const MAX_CHUNK_BYTES = 8 * 1024 * 1024;

/** Events of one chunk: a few ID3 tags with small pictures. */
const MAX_EVENT_BYTES = 64 * 1024;

export type ChunkBuilderOptions = {
  kind: "video" | "audio";
  chunkMs: number;
  onChunk: (chunk: PackagedChunk) => void;
};

type Open = {
  samples: Sample[];
  decodeTimeTicks: number;
  durationTicks: number;
  sizeBytes: number;
  sourceTimeMs: number;
  initVersion: number;
};

/** Gathers samples until they make a chunk. */
export class ChunkBuilder {
  readonly #options: ChunkBuilderOptions;
  #chunkMs: number;
  #timescale = 1;
  #initVersion = 0;
  #open: Open | undefined;
  #sequence = 0;
  #isDiscontinuity = false;
  #events: Uint8Array[] = [];

  constructor(options: ChunkBuilderOptions) {
    this.#options = options;
    this.#chunkMs = options.chunkMs;
  }

  /** From the chunk on that is being made. */
  setChunkMs(chunkMs: number): void {
    this.#chunkMs = chunkMs;
  }

  /** What follows needs another init segment. */
  setInit(initVersion: number, timescale: number): void {
    this.close();
    this.#initVersion = initVersion;
    this.#timescale = timescale;
  }

  /** What follows does not continue what was before. */
  discontinuity(): void {
    this.close();
    this.#isDiscontinuity = this.#sequence > 0;
  }

  /**
   * To go out before the chunk that is made next. @param event An `emsg` box.
   * @returns Whether there was room for it.
   */
  addEvent(event: Uint8Array): boolean {
    const sizeBytes = this.#events.reduce((sum, { length }) => sum + length, event.length);
    if (sizeBytes > MAX_EVENT_BYTES) return false;
    this.#events.push(event);
    return true;
  }

  /** Where the next sample is expected, in ticks of the timescale. */
  get endTicks(): number | undefined {
    return this.#open && this.#open.decodeTimeTicks + this.#open.durationTicks;
  }

  /** @param sourceTimeMs Asked only for the first sample of a chunk. */
  add(sample: Sample, decodeTimeTicks: number, sourceTimeMs: () => number): void {
    const isContinued = this.endTicks === decodeTimeTicks;
    const fits = (this.#open?.sizeBytes ?? 0) + sample.bytes.length <= MAX_CHUNK_BYTES;
    if (!isContinued || !fits || (sample.isKeyFrame && this.#cutsAtKeys)) this.close();
    this.#open ??= {
      samples: [],
      decodeTimeTicks,
      durationTicks: 0,
      sizeBytes: 0,
      sourceTimeMs: sourceTimeMs(),
      initVersion: this.#initVersion,
    };
    this.#open.samples.push(sample);
    this.#open.durationTicks += sample.durationTicks;
    this.#open.sizeBytes += sample.bytes.length;
    // The cut nearest to the wanted length: half a sample early is as good as half a sample late.
    const wantedTicks = (this.#chunkMs * this.#timescale) / 1000 - sample.durationTicks / 2;
    const isFull = this.#open.samples.length >= MAX_SAMPLES;
    if (this.#open.durationTicks >= wantedTicks || isFull) this.close();
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const sequence = this.#sequence++;
    const { samples, decodeTimeTicks, durationTicks, sourceTimeMs, initVersion } = open;
    const durationMs = Math.round((durationTicks * 1000) / this.#timescale);
    this.#options.onChunk({
      kind: this.#options.kind,
      sequence,
      bytes: this.#withEvents(writeChunk({ sequence, decodeTimeTicks, samples })),
      initVersion,
      isIndependent: samples[0]?.isKeyFrame === true,
      isDiscontinuity: this.#isDiscontinuity,
      mediaTimeMs: (decodeTimeTicks * 1000) / this.#timescale,
      durationMs: Math.min(Math.max(1, durationMs), MAX_CHUNK_MS),
      sourceTimeMs,
    });
    this.#isDiscontinuity = false;
  }

  #withEvents(chunk: Uint8Array): Uint8Array {
    if (this.#events.length === 0) return chunk;
    const events = this.#events;
    this.#events = [];
    return new Uint8Array(Buffer.concat([...events, chunk]));
  }

  /** Every audio frame is a key frame; only video chunks begin at them. */
  get #cutsAtKeys(): boolean {
    return this.#options.kind === "video";
  }
}
