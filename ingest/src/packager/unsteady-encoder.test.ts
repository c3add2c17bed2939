import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { aacCoding, readChunk } from "#media";
import { hasFfmpeg, NEEDS_FFMPEG } from "../ffmpeg/testing/real-ffmpeg.ts";
import type { PackagedChunk, PackagerEvent } from "../packager.ts";
import { CODINGS, chunksOf, makeMedia, tracksOf } from "../testing/made-media.ts";
import { FramePackager } from "./frame-packager.ts";
import { TsPackager } from "./ts-packager.ts";
import { Warnings } from "./warnings.ts";

const folder = mkdtempSync(join(tmpdir(), "livemesh-unsteady-"));
afterAll(() => rmSync(folder, { recursive: true }));

function made(name: string, size: string, framesPerSecond: number, offsetSec: number): Buffer {
  const picture = `-vf scale=${size.replace("x", ":")},fps=${framesPerSecond}`;
  const video = `${picture} ${CODINGS.h264} -bf 0`;
  const audio = `${CODINGS.aac} -output_ts_offset ${offsetSec}`;
  return readFileSync(makeMedia(folder, name, { video, audio }));
}

/** One connection, no pause. */
function packaged(...parts: Buffer[]) {
  const packager = new TsPackager({ chunkMs: 200 });
  const events = parts.flatMap((bytes) => packager.push(bytes, 0));
  events.push(...packager.flush());
  const warnings = events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  return { events, warnings };
}

/** Where the track is, after each chunk: no hole, no overlap. */
function expectContiguous(chunks: readonly PackagedChunk[]): void {
  for (const [index, chunk] of chunks.entries()) {
    const before = chunks[index - 1];
    if (before === undefined) continue;
    expect(Math.abs(chunk.mediaTimeMs - before.mediaTimeMs - before.durationMs)).toBeLessThan(2);
  }
}

function frameMs(chunk: PackagedChunk | undefined): number {
  const { samples } = readChunk(chunk?.bytes ?? Buffer.of());
  return Math.round((samples[0]?.durationTicks ?? 0) / 90);
}

describe.skipIf(!hasFfmpeg)(`an encoder in the middle of a connection${NEEDS_FFMPEG}`, () => {
  it("changes the size of its picture: a new init segment, one line, no hole", () => {
    const { events, warnings } = packaged(
      made("small.ts", "320x180", 25, 0),
      made("large.ts", "640x360", 25, 2),
    );
    const sizes = tracksOf(events).flatMap(({ kind, initVersion, width, height }) =>
      kind === "video" ? [[initVersion, width, height]] : [],
    );
    expect(sizes).toEqual([
      [0, 320, 180],
      [1, 640, 360],
    ]);
    expect(warnings.filter((line) => line.startsWith("the picture changed"))).toEqual([
      expect.stringMatching(/^the picture changed from 320×180, avc1\.\w+ to 640×360, [^\n]+$/),
    ]);
    expectContiguous(chunksOf("video", events));
    const versions = chunksOf("video", events).map(({ initVersion }) => initVersion);
    expect(versions).toEqual(versions.toSorted());
  });

  it("changes its frame rate: pictures last as long as they say from there on, without a hole", () => {
    const { events } = packaged(
      made("slow.ts", "320x180", 25, 0),
      made("fast.ts", "320x180", 50, 2),
    );
    const video = chunksOf("video", events);
    expect(frameMs(video.at(2))).toBe(40);
    expect(frameMs(video.at(-2))).toBe(20);
    expectContiguous(video);
  });

  it("jumps back in time: it goes on where it was, and one line says so", () => {
    const { events, warnings } = packaged(
      made("late.ts", "320x180", 25, 100),
      made("early.ts", "320x180", 25, 3),
    );
    expect(warnings.filter((line) => line.includes("jumped"))).toEqual([
      expect.stringMatching(/^(video|audio) time stamps jumped; going on without a gap$/),
    ]);
    const video = chunksOf("video", events);
    const playedMs = video.reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect(playedMs).toBeGreaterThan(3900);
    for (const [index, chunk] of video.entries()) {
      expect(chunk.mediaTimeMs).toBeGreaterThanOrEqual(video[index - 1]?.mediaTimeMs ?? 0);
    }
  });
});

describe("sound that drifts from the picture", () => {
  const coding = aacCoding({ sampleRateHz: 48_000, channels: 2, objectType: 2 });
  const bytes = Uint8Array.of(0x21, 0, 0x49, 0x90, 2, 0x19, 0, 0x23, 0x80);

  /** Ten minutes of sound whose time stamps run by a different clock. */
  function drift(speed: number) {
    const warnings = new Warnings();
    const events: PackagerEvent[] = [];
    const packager = new FramePackager({
      chunkMs: 200,
      warnings,
      onEvent: (event) => events.push(event),
    });
    packager.expect(["audio"]);
    const frames = Math.round((600 * 48_000) / 1024);
    for (let i = 0; i < frames; i++) {
      const pts = Math.round(i * 1920 * speed);
      warnings.setNow(pts / 90);
      const times = { pts, dts: pts, nextDts: undefined, arrivedAtMs: pts / 90, sizeBytes: 9 };
      const frame = { coding, bytes, samples: 1024 };
      const sound = { frames: [frame], stampedIndex: 0, isEntry: true };
      packager.push({ ...times, ...sound, kind: "audio" });
    }
    packager.flush();
    const audio = chunksOf("audio", events);
    const last = audio.at(-1);
    const endMs = (last?.mediaTimeMs ?? 0) + (last?.durationMs ?? 0);
    return { endMs, statedMs: (frames * 1920 * speed) / 90, warnings: warnings.take(), audio };
  }

  it.each([
    ["too little for its time", 1.001, /^the sound has a hole of \d+ ms [^\n]+$/],
    ["too much for its time", 0.999, /^the sound is \d+ ms longer [^\n]+$/],
  ])("stays within 100 ms of it, and one line at a time says so: %s", (_, speed, line) => {
    const { endMs, statedMs, warnings, audio } = drift(speed);
    expect(Math.abs(endMs - statedMs)).toBeLessThan(100);
    expect(warnings.length).toBeGreaterThan(5);
    for (const warning of warnings) expect(warning).toMatch(line);
    expectContiguous(audio);
  });

  it("is not touched while it strays by less than anybody hears", () => {
    const { warnings } = drift(1.00005);
    expect(warnings).toEqual([]);
  });
});
