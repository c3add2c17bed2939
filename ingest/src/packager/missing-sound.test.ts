import { describe, expect, it } from "vitest";
import { type AudioCoding, aacCoding, avcCoding, readAc3Frame, readChunk } from "#media";
import type { PackagedChunk, PackagerEvent } from "../packager.ts";
import { chunksOf } from "../testing/made-media.ts";
import { FramePackager } from "./frame-packager.ts";
import { Warnings } from "./warnings.ts";

const AAC = aacCoding({ sampleRateHz: 48_000, channels: 2, objectType: 2 });
/** x264, High profile, 640×360. */
const H264 = avcCoding(Buffer.from("6764001eacd940a02ff97011000003000100000300320f162d96", "hex"), [
  Buffer.from("68ebe3cb22c0", "hex"),
]);
/** 48 kHz, 64 kbit/s, stereo. */
const AC3 = readAc3Frame(Buffer.from("0b77000014404302", "hex")).coding;
const TONE_BYTES = 200;
const PICTURE_TICKS = 3600;
const SOUND_TICKS = 1920;

/** An encoder of 25 pictures a second, whose sound comes as it is told to. */
class TestEncoder {
  readonly events: PackagerEvent[] = [];
  readonly #warnings = new Warnings();
  readonly #coding: AudioCoding;
  readonly #packager: FramePackager;
  #pictures = 0;
  #sounds = 0;

  constructor(coding: AudioCoding = AAC) {
    this.#coding = coding;
    const onEvent = (event: PackagerEvent) => this.events.push(event);
    this.#packager = new FramePackager({ chunkMs: 200, warnings: this.#warnings, onEvent });
    this.#packager.expect(["video", "audio"]);
  }

  get warnings(): string[] {
    return this.#warnings.take();
  }

  /** How far chunks of each track reach, in ms. */
  reached(kind: "video" | "audio"): number {
    const last = chunksOf(kind, this.events).at(-1);
    return (last?.mediaTimeMs ?? 0) + (last?.durationMs ?? 0);
  }

  /** Pictures for so long, and all the sound up to `lagSec` before them, if there is any. */
  run(seconds: number, { hasSound = true, lagSec = 0, burstSec = 0 } = {}): this {
    for (let left = seconds * 25; left > 0; left--) {
      const pts = this.#pictures++ * PICTURE_TICKS;
      this.#warnings.setNow(pts / 90);
      const frame = { bytes: Uint8Array.of(0, 0, 0, 1, 65), isOpen: false, coding: H264 };
      const isKeyFrame = this.#pictures % 25 === 1;
      const timed = { pts, dts: pts, nextDts: pts + PICTURE_TICKS, arrivedAtMs: pts / 90 };
      const picture = { ...timed, frame: { ...frame, isKeyFrame }, isEntry: isKeyFrame };
      this.#packager.push({ ...picture, sizeBytes: 5, kind: "video" });
      const isBurst = burstSec === 0 || this.#pictures % (burstSec * 25) === 0;
      if (isBurst) this.#catchUp(pts - lagSec * 90_000, hasSound);
    }
    return this;
  }

  announce(kinds: ("video" | "audio")[]): this {
    this.#packager.expect(kinds);
    return this;
  }

  #catchUp(untilTicks: number, isHeard: boolean): void {
    for (; this.#sounds * SOUND_TICKS <= untilTicks; this.#sounds++) {
      if (!isHeard) continue;
      const pts = this.#sounds * SOUND_TICKS;
      const timed = { pts, dts: pts, nextDts: undefined, arrivedAtMs: untilTicks / 90 };
      const sound = { bytes: new Uint8Array(TONE_BYTES), coding: this.#coding, samples: 1024 };
      const unit = { ...timed, isEntry: true, stampedIndex: 0, frames: [sound] };
      this.#packager.push({ ...unit, sizeBytes: TONE_BYTES, kind: "audio" });
    }
  }
}

const isSilence = (chunk: PackagedChunk) =>
  readChunk(chunk.bytes).samples.every(({ bytes }) => bytes.length < TONE_BYTES);

function seamsMs(chunks: readonly PackagedChunk[]): number[] {
  return chunks.slice(1).map((chunk, index) => {
    const before = chunks[index] as PackagedChunk;
    return Math.abs(chunk.mediaTimeMs - before.mediaTimeMs - before.durationMs);
  });
}

describe("sound that does not come any more", () => {
  it("is replaced by silence after a second, and not before, without a hole", () => {
    const encoder = new TestEncoder().run(4).run(1, { hasSound: false });
    expect(chunksOf("audio", encoder.events).filter(isSilence)).toEqual([]);
    encoder.run(4, { hasSound: false });
    const audio = chunksOf("audio", encoder.events);
    expect(audio.filter(isSilence).length).toBeGreaterThan(20);
    expect(Math.max(...seamsMs(audio))).toBeLessThan(2);
    expect(encoder.reached("video") - encoder.reached("audio")).toBeLessThan(300);
    expect(encoder.warnings).toEqual([expect.stringMatching(/^no sound comes any more: [^\n]+$/)]);
  });

  it("is heard again where it belongs when it is back, which is no news", () => {
    const encoder = new TestEncoder().run(3).run(6, { hasSound: false });
    expect(encoder.warnings.length).toBe(1);
    encoder.run(4);
    const audio = chunksOf("audio", encoder.events);
    expect(isSilence(audio.at(-1) as PackagedChunk)).toBe(false);
    expect(Math.max(...seamsMs(audio))).toBeLessThan(2);
    expect(encoder.warnings).toEqual([]);
    expect(Math.abs(encoder.reached("video") - encoder.reached("audio"))).toBeLessThan(300);
  });

  it("is replaced at once where the input says that it has none any more", () => {
    const encoder = new TestEncoder().run(3).announce(["video"]).run(1, { hasSound: false });
    expect(encoder.reached("video") - encoder.reached("audio")).toBeLessThan(300);
  });

  it("was never there: then there is no silence either", () => {
    const encoder = new TestEncoder().announce(["video"]).run(5, { hasSound: false });
    expect(chunksOf("audio", encoder.events)).toEqual([]);
  });

  it("stays away in a codec that has no silence of its own", () => {
    const encoder = new TestEncoder(AC3).run(3);
    const count = chunksOf("audio", encoder.events).length;
    expect(count).toBeGreaterThan(10);
    encoder.run(4, { hasSound: false });
    expect(chunksOf("audio", encoder.events).length - count).toBeLessThan(2);
    expect(encoder.warnings).toEqual([]);
  });
});

describe("sound that comes late", () => {
  it("is not taken for missing: it is as far behind as ever", () => {
    const encoder = new TestEncoder().run(20, { lagSec: 3 });
    expect(chunksOf("audio", encoder.events).filter(isSilence)).toEqual([]);
  });

  it("in bursts two seconds apart is heard after the second of them", () => {
    const encoder = new TestEncoder().run(30, { burstSec: 2 });
    const audio = chunksOf("audio", encoder.events);
    expect(audio.filter(isSilence).at(-1)?.mediaTimeMs ?? 0).toBeLessThan(8000);
    expect(Math.max(...seamsMs(audio))).toBeLessThan(2);
  });
});
