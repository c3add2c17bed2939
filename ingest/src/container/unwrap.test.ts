import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { hasFfmpeg, NEEDS_FFMPEG } from "../ffmpeg/testing/real-ffmpeg.ts";
import { type IngestEvent, packagedEvents } from "../packaged-events.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import type { PackagerEvent } from "../packager.ts";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { CODINGS, chunksOf, makeMedia, tracksOf } from "../testing/made-media.ts";

const folder = mkdtempSync(join(tmpdir(), "livemesh-unwrap-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Encoders one after another, each with what it sends. */
class Encoders implements Source {
  readonly name = "test";
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #sent: readonly Uint8Array[];

  constructor(...sent: Uint8Array[]) {
    this.#sent = sent;
  }

  async *events(): AsyncGenerator<SourceEvent, void, void> {
    for (const [index, bytes] of this.#sent.entries()) {
      yield { type: "start", description: `encoder ${index}` };
      for (let at = 0; at < bytes.length; at += 1316) {
        yield { type: "bytes", bytes: bytes.subarray(at, at + 1316) };
      }
      yield { type: "end", reason: `encoder ${index} left` };
    }
  }
}

async function ingested(source: Source): Promise<IngestEvent[]> {
  const events: IngestEvent[] = [];
  const clock = { nowMs: () => 0, sleep: async () => {} };
  const { signal } = new AbortController();
  const packager = new TsPackager({ chunkMs: 200 });
  for await (const event of packagedEvents(source, packager, { clock, signal })) events.push(event);
  return events;
}

const packagedOf = (events: IngestEvent[]) =>
  events.filter(
    (event): event is PackagerEvent => event.type === "track" || event.type === "chunk",
  );

function sent(name: string, video: string, audio: string): Uint8Array {
  return readFileSync(makeMedia(folder, name, { video, audio }));
}

const LIVE_MP4 = "-movflags frag_keyframe+empty_moov+default_base_moof -frag_duration 200000";

describe.skipIf(!hasFfmpeg)(`what encoders send as MP4, Matroska or WebM${NEEDS_FFMPEG}`, () => {
  it.each([
    ["live.mp4", CODINGS.h264, `${CODINGS.aac} ${LIVE_MP4}`, ["avc1.4d400c", "mp4a.40.2"]],
    ["live.mp4", CODINGS.vp9, `${CODINGS.opus} ${LIVE_MP4}`, ["opus", "vp09.00.11.08"]],
    ["live.webm", CODINGS.vp9, CODINGS.opus, ["opus", "vp09.00.11.08"]],
    ["live.mkv", CODINGS.h264, CODINGS.mp3, ["avc1.4d400c", "mp4a.6b"]],
  ])("is packaged as MPEG-TS is: %s with %s", async (name, video, audio, codecs) => {
    const events = packagedOf(await ingested(new Encoders(sent(name, video, audio))));
    expect(
      tracksOf(events)
        .map(({ codec }) => codec)
        .toSorted(),
    ).toEqual(codecs);
    for (const kind of ["video", "audio"]) {
      const playedMs = chunksOf(kind, events).reduce((sum, chunk) => sum + chunk.durationMs, 0);
      expect(Math.abs(playedMs - 2000)).toBeLessThan(100);
    }
  });

  it("goes on without a gap when the next encoder speaks another language", async () => {
    const encoders = new Encoders(
      sent("first.ts", CODINGS.h264, CODINGS.aac),
      sent("second.webm", CODINGS.vp9, CODINGS.opus),
      sent("third.ts", CODINGS.h264, CODINGS.aac),
    );
    const events = packagedOf(await ingested(encoders));
    const video = chunksOf("video", events);
    expect(video.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBeGreaterThan(5900);
    for (const [index, chunk] of video.entries()) {
      const before = video[index - 1];
      if (before === undefined) continue;
      const gapMs = chunk.mediaTimeMs - before.mediaTimeMs - before.durationMs;
      expect(Math.abs(gapMs)).toBeLessThan(50);
    }
    expect(video.map(({ initVersion }) => initVersion).at(-1)).toBe(2);
    expect(video.filter(({ isDiscontinuity }) => isDiscontinuity)).toHaveLength(2);
  });

  it("cut short anywhere plays up to there, and the next encoder follows", async () => {
    const whole = sent("cut.mp4", CODINGS.h264, `${CODINGS.aac} ${LIVE_MP4}`);
    const next = sent("next.ts", CODINGS.h264, CODINGS.aac);
    for (const length of [9, 500, 1400, 20_000, whole.length - 7]) {
      const events = await ingested(new Encoders(whole.subarray(0, length), next));
      expect(events.filter(({ type }) => type === "end")).toHaveLength(2);
      const played = chunksOf("video", packagedOf(events));
      expect(played.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBeGreaterThan(1900);
    }
  });
});

describe("what only begins like a container", () => {
  it("is told of in one line, and the next encoder is heard", async () => {
    const junk = Buffer.from(`\0\0\0\x18ftyp${"garbage".repeat(2000)}`);
    const events = await ingested(new Encoders(junk, junk));
    const told = events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^the MP4 that came cannot be read: [^\n]+$/);
    expect(events.filter(({ type }) => type === "end")).toHaveLength(2);
  });
});
