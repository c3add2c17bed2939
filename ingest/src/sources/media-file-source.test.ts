import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasFfmpeg } from "../ffmpeg/testing/real-ffmpeg.ts";
import { packagedEvents } from "../packaged-events.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import type { PackagerEvent } from "../packager.ts";
import {
  CODINGS,
  chunksOf,
  decodeErrors,
  fileOf,
  makeMedia,
  probe,
  tracksOf,
} from "../testing/made-media.ts";
import { createSource } from "./create-source.ts";

const H264 = { video: CODINGS.h264, audio: CODINGS.aac };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-media-file-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function packaged(path: string): Promise<PackagerEvent[]> {
  const events: PackagerEvent[] = [];
  const clock = { nowMs: () => 0, sleep: async () => {} };
  const { signal } = new AbortController();
  const packager = new TsPackager({ chunkMs: 200 });
  for await (const event of packagedEvents(createSource(path), packager, { clock, signal })) {
    if (event.type === "track" || event.type === "chunk") events.push(event);
    if (event.type === "warning") events.push(event);
  }
  return events;
}

describe("a file in a container made for files", () => {
  it.skipIf(!hasFfmpeg).each([
    ["film.mp4", H264],
    ["fragmented.mp4", { ...H264, audio: `${CODINGS.aac} -movflags frag_keyframe+empty_moov` }],
    ["film.mov", H264],
    ["film.mkv", H264],
  ])("plays whole and without a hole: %s (needs ffmpeg)", async (name, coding) => {
    const events = await packaged(makeMedia(folder, name, coding));
    expect(events.filter(({ type }) => type === "warning")).toEqual([]);
    for (const kind of ["video", "audio"]) {
      const chunks = chunksOf(kind, events);
      const playedMs = chunks.reduce((sum, { durationMs }) => sum + durationMs, 0);
      // ffmpeg puts up to 80 ms in front of a fragmented file.
      expect(Math.abs(playedMs - 2000)).toBeLessThan(100);
      for (const [index, chunk] of chunks.entries()) {
        const before = chunks[index - 1];
        if (before === undefined) continue;
        expect(chunk.mediaTimeMs).toBeCloseTo(before.mediaTimeMs + before.durationMs, 0);
      }
    }
  });

  it.skipIf(!hasFfmpeg).each([
    ["vp9.webm", "vp9", "opus", /^vp09\.00\.11\.08$/, "opus"],
    ["av1.webm", "av1", "opus", /^av01\.0\.\d\dM\.08$/, "opus"],
    ["av1.mp4", "av1", "aac", /^av01\.0\.\d\dM\.08$/, "mp4a.40.2"],
    ["hevc.mp4", "hevc", "mp3", /^hvc1\.1\.6\.L60\.90$/, "mp4a.6b"],
    ["hevc.mkv", "hevc", "ac3", /^hvc1\.1\.6\.L60\.90$/, "ac-3"],
    ["h264.mkv", "h264", "eac3", /^avc1\.4d400c$/, "ec-3"],
  ] as const)(
    "goes through without transcoding: %s (needs ffmpeg)",
    async (name, video, audio, videoCodec, audioCodec) => {
      const path = makeMedia(folder, name, { video: CODINGS[video], audio: CODINGS[audio] });
      const events = await packaged(path);
      const codecs = new Map(tracksOf(events).map(({ kind, codec }) => [kind, codec]));
      expect(codecs.get("video")).toMatch(videoCodec);
      expect(codecs.get("audio")).toBe(audioCodec);
      const picture = fileOf("video", events);
      expect(probe(picture)).toMatchObject({ codec_name: video, width: 320, height: 180 });
      expect(decodeErrors(picture)).toBe("");
      expect(decodeErrors(fileOf("audio", events))).toBe("");
    },
  );

  it.skipIf(!hasFfmpeg)("names a codec it cannot stream, and plays the rest", async () => {
    const vp8 = { video: "-c:v libvpx -b:v 200k -g 25", audio: CODINGS.opus };
    const events = await packaged(makeMedia(folder, "vp8.webm", vp8));
    expect(events.filter(({ type }) => type === "warning")).toEqual([
      {
        type: "warning",
        message: expect.stringMatching(/^the input has vp8 video; .*audio only$/),
      },
    ]);
    expect(tracksOf(events).map(({ codec }) => codec)).toEqual(["opus"]);
  });

  it.skipIf(!hasFfmpeg)("names the codec if nothing is left to play", async () => {
    const path = makeMedia(folder, "silent-vp8.webm", { video: "-c:v libvpx -b:v 200k" });
    await expect(packaged(path)).rejects.toMatchObject({
      code: "input-unsupported",
      message: expect.stringMatching(/^cannot stream .* the input has vp8 video; [^\n]*$/),
    });
  });

  it("says in one line that there is nothing in it", async () => {
    const path = join(folder, "junk.mp4");
    await writeFile(path, `\0\0\0\x18ftyp${"garbage".repeat(20)}`);
    await expect(packaged(path)).rejects.toMatchObject({ code: "input-unreadable" });
  });

  it.skipIf(!hasFfmpeg)("ends promptly when nobody wants it (needs ffmpeg)", async () => {
    const abort = new AbortController();
    const events = createSource(makeMedia(folder, "left.mp4", H264), { loop: true }).events(
      abort.signal,
    );
    let packets = 0;
    for await (const event of events) {
      if (event.type === "packet" && ++packets === 20) abort.abort();
    }
    expect(packets).toBe(20);
  });
});
