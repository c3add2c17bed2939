import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SILENT_PEER_LOG } from "../peer-log.ts";
import type { MediaEvent } from "../restream/media-chunk.ts";
import { MediaLine } from "../restream/media-line.ts";
import { complaintsAbout, NO_FFMPEG, probe } from "../testing/ffmpeg.ts";
import { makeTestStream, type TestStream } from "../testing/test-stream.ts";
import { type Mp4Event, Mp4Muxer } from "./mp4-muxer.ts";

let folder: string;
let stream: TestStream;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-mp4-"));
  if (NO_FFMPEG === undefined) stream = makeTestStream(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function mediaEvents(): MediaEvent[] {
  const line = new MediaLine(SILENT_PEER_LOG);
  line.describe(stream.descriptor);
  return stream.chunks.flatMap((chunk) => line.push(chunk));
}

function save(events: readonly Mp4Event[]): string {
  const file = join(folder, `${Math.random()}.mp4`);
  const parts = events.map((event) => (event.type === "header" ? event : event.piece).bytes);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

describe.skipIf(NO_FFMPEG !== undefined)(`the one file of all tracks${NO_FFMPEG ?? ""}`, () => {
  it("is decoded by ffmpeg without a complaint, every frame of it", () => {
    const muxer = new Mp4Muxer();
    const file = save(mediaEvents().flatMap((event) => muxer.push(event)));
    expect(complaintsAbout(file)).toBe("");
    const { streams } = probe(file);
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(["h264", "aac"]);
    expect(Number(streams[0]?.nb_read_frames)).toBe(150);
    expect(Number(streams[1]?.nb_read_frames)).toBeGreaterThanOrEqual(258);
  });

  it("can be begun at any entry, behind the same header", () => {
    const muxer = new Mp4Muxer();
    const events = mediaEvents().flatMap((event) => muxer.push(event));
    const header = events.filter(({ type }) => type === "header");
    expect(header.length).toBe(1);
    const entries = events.flatMap((event, index) =>
      event.type === "piece" && event.piece.isEntry ? [index] : [],
    );
    const file = save([...header, ...events.slice(entries[3])]);
    expect(complaintsAbout(file)).toBe("");
    expect(probe(file).packets[0]?.flags).toMatch("K");
  });

  it("gets a new header when a track changes, with what came before written before", () => {
    const muxer = new Mp4Muxer();
    const [tracks, ...rest] = mediaEvents();
    if (tracks?.type !== "tracks") throw new Error("tracks come first");
    const changed = tracks.tracks.slice(0, 1);
    const half = rest.length / 2;
    const events = [
      tracks,
      ...rest.slice(0, half),
      { type: "tracks", tracks: changed } as const,
    ].flatMap((event) => muxer.push(event));
    expect(events.filter(({ type }) => type === "header").length).toBe(2);
    expect(events.at(-1)?.type).toBe("header");
    expect(events.length - 2).toBe(rest.slice(0, half).filter((e) => e.type === "chunk").length);
  });

  it("goes on with the same file when a publisher begins anew with the same tracks", () => {
    const muxer = new Mp4Muxer();
    const again = mediaEvents().map((event) => {
      if (event.type === "tracks") return event;
      const { chunk } = event;
      return { ...event, chunk: { ...chunk, startMs: chunk.startMs + 6020 } };
    });
    const events = [...mediaEvents(), ...again].flatMap((event) => muxer.push(event));
    expect(events.filter(({ type }) => type === "header").length).toBe(1);
    expect(complaintsAbout(save(events))).toBe("");
  });
});
