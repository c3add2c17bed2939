import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SILENT_PEER_LOG } from "../peer-log.ts";
import type { MediaEvent } from "../restream/media-chunk.ts";
import { MediaLine } from "../restream/media-line.ts";
import type { Piece } from "../restream/piece.ts";
import { complaintsAbout, NO_FFMPEG, probe } from "../testing/ffmpeg.ts";
import { makeTestStream, type TestStream } from "../testing/test-stream.ts";
import { TsMuxer } from "./ts-muxer.ts";

let folder: string;
let stream: TestStream;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-ts-"));
  if (NO_FFMPEG === undefined) stream = makeTestStream(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function eventsOf({ descriptor, chunks }: TestStream): MediaEvent[] {
  const line = new MediaLine(SILENT_PEER_LOG);
  line.describe(descriptor);
  return chunks.flatMap((chunk) => line.push(chunk));
}

function mux(events: readonly MediaEvent[]): Piece[] {
  const muxer = new TsMuxer();
  return events.flatMap((event) => muxer.push(event));
}

function save(pieces: readonly Piece[]): string {
  const file = join(folder, `${Math.random()}.ts`);
  writeFileSync(file, Buffer.concat(pieces.map(({ bytes }) => bytes)));
  return file;
}

/** Later by this, as after a long run. */
function delayed(events: readonly MediaEvent[], byMs: number): MediaEvent[] {
  return events.map((event) => {
    if (event.type === "tracks") return event;
    const { startMs, endMs } = event.chunk;
    return { ...event, chunk: { ...event.chunk, startMs: startMs + byMs, endMs: endMs + byMs } };
  });
}

describe.skipIf(NO_FFMPEG !== undefined)(`the transport stream${NO_FFMPEG ?? ""}`, () => {
  it("is decoded by ffmpeg without a complaint, every frame of it", () => {
    const file = save(mux(eventsOf(stream)));
    expect(complaintsAbout(file)).toBe("");
    const { streams } = probe(file);
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(["h264", "aac"]);
    expect(Number(streams[0]?.nb_read_frames)).toBeGreaterThanOrEqual(148);
    expect(Number(streams[1]?.nb_read_frames)).toBeGreaterThanOrEqual(255);
  });

  it("has the time stamps of the source: same steps, picture and sound apart as they were", () => {
    const { packets } = probe(save(mux(eventsOf(stream))));
    const video = packets.filter(({ codec_type }) => codec_type === "video");
    const audio = packets.filter(({ codec_type }) => codec_type === "audio");
    const steps = video.slice(1).map(({ dts }, index) => dts - (video[index]?.dts ?? 0));
    expect(new Set(steps)).toEqual(new Set([3600]));
    expect(video.some(({ pts, dts }) => pts > dts + 3600)).toBe(true);
    expect(Math.abs((video[0]?.dts ?? 0) - (audio[0]?.dts ?? 0))).toBeLessThan(9000);
  });

  it("lets a receiver begin at every entry", () => {
    const pieces = mux(eventsOf(stream));
    const entries = pieces.flatMap(({ isEntry }, index) => (isEntry ? [index] : []));
    expect(entries.length).toBe(6);
    const file = save(pieces.slice(entries[3]));
    expect(complaintsAbout(file)).toBe("");
    expect(probe(file).packets.find(({ codec_type }) => codec_type === "video")?.flags).toMatch(
      "K",
    );
  });

  it("counts packets per PID without a gap, and sends a clock that never falls", () => {
    const bytes = Buffer.concat(mux(eventsOf(stream)).map((piece) => piece.bytes));
    const counters = new Map<number, number>();
    let clock = -1;
    expect(bytes.length % 188).toBe(0);
    for (let at = 0; at < bytes.length; at += 188) {
      expect(bytes[at]).toBe(0x47);
      const pid = bytes.readUInt16BE(at + 1) & 0x1fff;
      const counter = bytes.readUInt8(at + 3) & 15;
      const before = counters.get(pid);
      if (before !== undefined) expect(counter).toBe((before + 1) % 16);
      counters.set(pid, counter);
      const hasField = (bytes.readUInt8(at + 3) & 0x20) !== 0 && bytes.readUInt8(at + 4) > 0;
      if (!hasField || (bytes.readUInt8(at + 5) & 0x10) === 0) continue;
      const base = bytes.readUInt32BE(at + 6) * 2 + (bytes.readUInt8(at + 10) >> 7);
      expect(base).toBeGreaterThan(clock);
      expect(base - clock === base + 1 || base - clock <= 9000).toBe(true);
      clock = base;
    }
    expect([...counters.keys()].sort()).toEqual([0, 0x100, 0x1000, 0x101].sort());
  });

  it("goes on when its 33-bit clock starts over", () => {
    const wrapMs = 2 ** 33 / 90;
    const file = save(mux(delayed(eventsOf(stream), wrapMs - 3000)));
    expect(complaintsAbout(file)).toBe("");
    expect(Number(probe(file).streams[0]?.nb_read_frames)).toBeGreaterThanOrEqual(148);
  });

  it("carries sound alone, with entries of its own", () => {
    const [, audio] = stream.descriptor.tracks;
    if (audio === undefined) throw new Error("no audio track");
    const only = stream.chunks.filter(({ track }) => track === 1);
    const pieces = mux(
      eventsOf({
        descriptor: { ...stream.descriptor, tracks: [audio] },
        chunks: only.map((chunk) => ({ ...chunk, track: 0, bytes: chunk.bytes })),
      }),
    );
    expect(complaintsAbout(save(pieces))).toBe("");
    expect(pieces.filter(({ isEntry }) => isEntry).length).toBeGreaterThan(10);
  });

  it("leaves out what comes after a hole until the next key frame", () => {
    const line = new MediaLine(SILENT_PEER_LOG);
    line.describe(stream.descriptor);
    const events = stream.chunks
      .filter(({ track, sequence }) => track !== 0 || sequence !== 1007)
      .flatMap((chunk) => [...line.push(chunk), ...line.tick(chunk.sourceTimeMs - 1000)]);
    expect(complaintsAbout(save(mux(events)))).toBe("");
    const kept = events.filter((e) => e.type === "chunk" && e.chunk.track.kind === "video");
    expect(kept.length).toBe(stream.chunks.filter(({ track }) => track === 0).length - 3);
  });
});
