import fc from "fast-check";
import HLS from "hls-parser";
import { beforeEach, describe, expect, it } from "vitest";
import { SCTE35_SCHEME, writeEventMessage } from "#media";
import { createIdentity } from "../identity.ts";
import type { PackagedChunk } from "../packager.ts";
import { Publisher } from "../publisher.ts";
import { audioTrack, packagedChunk, videoTrack } from "../testing/packaged.ts";
import { spliceInsert } from "../testing/splice-section.ts";
import { HlsPresentation } from "./presentation.ts";
import { problemsOfMaster } from "./testing/check-master.ts";
import { mergeDelta, problemsOf, problemsOfChange } from "./testing/check-playlist.ts";
import { chunksOf, type Gop } from "./testing/made-stream.ts";
import { parsePlaylist } from "./testing/parse-playlist.ts";

// It complains about parts of short segments, and does not know of independent ones.
HLS.setOptions({ silent: true });

const identity = createIdentity();
const TRACKS = ["v0", "a0"] as const;
const EMPTY_MOOF = Buffer.from("000000086d6f6f66", "hex");

let publisher: Publisher;
let presentation: HlsPresentation;

function start(spanMs?: number): void {
  publisher = new Publisher({ identity, title: "Test", chunkMs: 200 });
  const { window } = publisher;
  const oldestSequence = (track: number) => window.oldest(track)?.sequence;
  presentation = new HlsPresentation({ publisher, spanMs, oldestSequence });
  publisher.listen({ onChunk: (chunk) => presentation.add(chunk) });
}

beforeEach(() => start());

function accept(chunk: PackagedChunk): void {
  publisher.accept({ type: "chunk", chunk });
}

function addTracks(): void {
  publisher.accept({ type: "track", track: videoTrack() });
  publisher.accept({ type: "track", track: audioTrack() });
}

function playlist(track: string, isDelta = false): string {
  const list = presentation.list(track);
  if (list === undefined) throw new Error(`${track} has no playlist`);
  return presentation.mediaPlaylist(track, list, isDelta).text;
}

/** Addresses of segments and parts, as far as they are below `/tracks` or name chunks. */
function missingChunks(track: string): string[] {
  const index = publisher.track(track)?.index ?? 0;
  const { segments, openParts } = parsePlaylist(playlist(track));
  const parts = [...segments.flatMap((segment) => segment.parts), ...openParts];
  return [...segments, ...parts]
    .map(({ uri }) => uri)
    .filter((uri) => {
      const [first = 0, last = first] = [...(uri.split("/").at(-1) ?? "").matchAll(/\d+/g)]
        .slice(0, 2)
        .map(([text]) => Number(text));
      const isThere = (sequence: number) => publisher.window.get(index, sequence) !== undefined;
      return !isThere(first) || !(uri.endsWith(`-${last}.m4s`) ? isThere(last) : true);
    });
}

const gop = fc.record<Gop>({
  frames: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 60, max: 200 })),
  framesPerSecond: fc.constantFrom(12, 24, 25, 30, 50),
  isRestart: fc.nat(9).map((n) => n === 0),
  isNewInit: fc.nat(9).map((n) => n === 0),
});

/** Every playlist of every track after every chunk. */
function checkAllAlong(chunks: readonly PackagedChunk[]): void {
  const before = new Map<string, string>();
  for (const [count, chunk] of chunks.entries()) {
    if (
      chunk.kind === "video" &&
      chunk.initVersion !== publisher.track("v0")?.current.initVersion
    ) {
      publisher.accept({ type: "track", track: videoTrack(chunk.initVersion) });
    }
    accept(chunk);
    for (const track of TRACKS) {
      if (presentation.list(track) === undefined) continue;
      const text = playlist(track);
      const last = before.get(track);
      expect(problemsOf(text), text).toEqual([]);
      expect(missingChunks(track), text).toEqual([]);
      if (last !== undefined) {
        expect(problemsOfChange(last, text), `${last}\n${text}`).toEqual([]);
        const { segments, openParts } = mergeDelta(last, playlist(track, true));
        const full = parsePlaylist(text);
        expect(segments.map(({ uri }) => uri)).toEqual(full.segments.map(({ uri }) => uri));
        expect(openParts).toEqual(full.openParts);
      }
      before.set(track, text);
      if (count % 20 < 2) expect(HLS.parse(text).isMasterPlaylist).toBe(false);
    }
  }
  if (presentation.isReady)
    expect(problemsOfMaster(presentation.masterPlaylist().text)).toEqual([]);
}

// Thousands of playlists are read.
describe("playlists at every moment", { timeout: 120_000 }, () => {
  it("hold the standard's MUSTs, wherever the key frames are", () => {
    fc.assert(
      fc.property(fc.array(gop, { minLength: 4, maxLength: 12 }), (gops) => {
        start();
        addTracks();
        checkAllAlong(chunksOf(gops));
      }),
      // Shrinking hundreds of playlists would take minutes; the seed is told.
      { numRuns: 6, endOnFailure: true },
    );
  });

  it("hold them when they reach far back, and delta updates then skip what is old", () => {
    start(60_000);
    publisher = new Publisher({ identity, title: "", chunkMs: 200, limits: { windowMs: 120_000 } });
    const { window } = publisher;
    const oldestSequence = (track: number) => window.oldest(track)?.sequence;
    presentation = new HlsPresentation({ publisher, spanMs: 60_000, oldestSequence });
    publisher.listen({ onChunk: (chunk) => presentation.add(chunk) });
    addTracks();
    const gops = Array.from({ length: 40 }, (_, index) => ({
      frames: 50,
      framesPerSecond: 25,
      isRestart: index === 30,
      isNewInit: false,
    }));
    checkAllAlong(chunksOf(gops));
    const { segments } = parsePlaylist(playlist("v0"));
    expect(segments.length).toBeGreaterThanOrEqual(29);
    const delta = parsePlaylist(playlist("v0", true));
    expect(delta.problems).toEqual([]);
    expect(delta.skipped).toBe(segments.length - delta.segments.length);
    expect(delta.segments.length).toBe(18);
    const whole = playlist("v0").length;
    expect(playlist("v0", true).length).toBeLessThan(whole);
  });
});

describe("HlsPresentation", () => {
  it("cuts segments at key frames, a second apart or more, and marks independent parts", () => {
    addTracks();
    for (let sequence = 0; sequence <= 12; sequence++) accept(packagedChunk("video", sequence));
    const { segments, openParts } = parsePlaylist(playlist("v0"));
    expect(segments.map(({ duration, parts }) => [duration, parts.length])).toEqual([
      [1, 5],
      [1, 5],
    ]);
    expect(openParts.map(({ isIndependent }) => isIndependent)).toEqual([true, false, false]);
  });

  it("hints at the next chunk, and reports where the other track is", () => {
    addTracks();
    for (let sequence = 0; sequence <= 11; sequence++) {
      accept(packagedChunk("video", sequence));
      accept(packagedChunk("audio", sequence));
    }
    const { hints, reports } = parsePlaylist(playlist("v0"));
    const next = (publisher.window.newest(0)?.sequence ?? 0) + 1;
    expect(hints[0]?.get("URI")).toBe(`"../../tracks/v0/chunks/${next}.m4s"`);
    expect(reports.map((report) => [report.get("URI"), report.get("LAST-PART")])).toEqual([
      ['"../a0/playlist.m3u8"', "1"],
    ]);
  });

  it("tells both tracks of a break in the program, which stays as it was told", () => {
    addTracks();
    const section = spliceInsert({ ptsTicks: 12 * 90_000, breakTicks: 5 * 90_000 });
    const event = writeEventMessage({
      scheme: SCTE35_SCHEME,
      value: "",
      id: 1,
      timescale: 90_000,
      timeTicks: 12 * 90_000,
      durationTicks: 5 * 90_000,
      data: section,
    });
    const chunks = [0, 1, 2, 3, 4, 5, 6].flatMap((ten) =>
      Array.from({ length: 10 }, (_, place) => packagedChunk("video", ten * 10 + place)),
    );
    const withEvent = chunks.map((chunk) =>
      chunk.sequence === 40
        ? { ...chunk, bytes: new Uint8Array(Buffer.concat([event, EMPTY_MOOF])) }
        : chunk,
    );
    checkAllAlong(withEvent.flatMap((chunk) => [chunk, packagedChunk("audio", chunk.sequence)]));
    const start = new Date(1_700_000_000_000 + 12_000).toISOString();
    for (const track of TRACKS) {
      for (const isDelta of [false, true]) {
        expect(playlist(track, isDelta)).toContain(
          `#EXT-X-DATERANGE:ID="splice-7",START-DATE="${start}",PLANNED-DURATION=5,SCTE35-OUT=0x`,
        );
      }
    }
  });

  it("numbers discontinuities alike in both tracks, also when only one changes", () => {
    addTracks();
    const numbers = (track: string) =>
      parsePlaylist(playlist(track)).segments.map(({ discontinuityNumber }) => discontinuityNumber);
    const gops = [false, true, false].map((isNewInit) => ({
      frames: 75,
      framesPerSecond: 25,
      isRestart: false,
      isNewInit,
    }));
    checkAllAlong(chunksOf(gops));
    presentation.end();
    const first = Math.min(...numbers("v0"));
    expect(new Set(numbers("v0"))).toEqual(new Set([first, first + 1]));
    expect(new Set(numbers("a0"))).toEqual(new Set([first, first + 1]));
  });

  it("ends with everything listed and nothing hinted, however little there was", () => {
    addTracks();
    accept(packagedChunk("video", 0));
    accept(packagedChunk("video", 1));
    presentation.end();
    const { segments, hasEnded, hints } = parsePlaylist(playlist("v0"));
    expect(segments.map(({ duration }) => duration)).toEqual([0.4]);
    expect([hasEnded, hints]).toEqual([true, []]);
    expect(problemsOf(playlist("v0"))).toEqual([]);
  });

  it("presents sound alone as a variant of its own, and a picture alone without a group", () => {
    publisher.accept({ type: "track", track: audioTrack() });
    for (let sequence = 0; sequence < 12; sequence++) accept(packagedChunk("audio", sequence));
    const sound = presentation.masterPlaylist().text;
    expect(problemsOfMaster(sound)).toEqual([]);
    expect(sound).toMatch(/STREAM-INF:BANDWIDTH=44000,.*CODECS="mp4a.40.2"\na0\/playlist.m3u8\n/);

    start();
    publisher.accept({ type: "track", track: videoTrack() });
    for (let sequence = 0; sequence < 6; sequence++) accept(packagedChunk("video", sequence));
    const picture = presentation.masterPlaylist().text;
    expect(problemsOfMaster(picture)).toEqual([]);
    expect(picture).not.toContain("AUDIO");
    expect(picture).toContain("RESOLUTION=640x360");
  });

  it("names what a variant needs in all: picture and sound", () => {
    addTracks();
    const gop = { frames: 60, framesPerSecond: 30, isRestart: false, isNewInit: false };
    for (const chunk of chunksOf([gop, gop])) accept(chunk);
    const text = presentation.masterPlaylist().text;
    expect(text).toContain('CODECS="avc1.64001e,mp4a.40.2"');
    expect(text).toContain("FRAME-RATE=30.000");
    const parsed = HLS.parse(text);
    expect(parsed.isMasterPlaylist && parsed.variants[0]?.audio[0]?.uri).toBe("a0/playlist.m3u8");
  });

  it("goes on with higher numbers after a restart", () => {
    const numbersFrom = (startedAtMs: number) => {
      publisher = new Publisher({ identity, title: "", chunkMs: 200, startedAtMs });
      presentation = new HlsPresentation({ publisher, oldestSequence: () => undefined });
      publisher.listen({ onChunk: (chunk) => presentation.add(chunk) });
      addTracks();
      for (let sequence = 0; sequence < 60; sequence++) accept(packagedChunk("video", sequence));
      const { firstMsn, segments } = parsePlaylist(playlist("v0"));
      return [firstMsn, firstMsn + segments.length];
    };
    const startedAtMs = Date.UTC(2026, 5, 1);
    const [, last = 0] = numbersFrom(startedAtMs);
    const [first] = numbersFrom(startedAtMs + 15_000);
    expect(first).toBeGreaterThan(last);
  });
});

// Its standing playlist stayed in the master playlist, and who came then waited for it for ever.
it("does not offer sound that stays away to players that begin, and offers it again when it is back", () => {
  addTracks();
  const gop = { frames: 50, framesPerSecond: 25, isRestart: false, isNewInit: false };
  const all = chunksOf(Array.from({ length: 30 }, () => gop));
  const isAway = ({ kind, mediaTimeMs }: PackagedChunk) =>
    kind === "audio" && mediaTimeMs >= 20_000 && mediaTimeMs < 40_000;
  const offered: (readonly [number, boolean])[] = [];
  for (const chunk of all.filter((candidate) => !isAway(candidate))) {
    accept(chunk);
    const isListed = presentation.masterPlaylist().text.includes("TYPE=AUDIO");
    if (chunk.kind === "video") offered.push([chunk.mediaTimeMs, isListed]);
  }
  const at = (ms: number) => offered.findLast(([mediaTimeMs]) => mediaTimeMs <= ms)?.[1];
  expect(at(19_000)).toBe(true);
  expect(at(31_000)).toBe(true);
  expect(at(33_000)).toBe(false);
  expect(at(39_000)).toBe(false);
  expect(at(42_000)).toBe(true);
});
