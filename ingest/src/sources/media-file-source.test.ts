import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TsPackager } from "../packager/ts-packager.ts";
import type { PackagerEvent } from "../packager.ts";
import { createSource } from "./create-source.ts";

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const PICTURE = "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440 -t 2";
const H264 = "-c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a aac";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-media-file-"));
});

afterAll(() => rm(folder, { recursive: true }));

function make(name: string, coding: string): string {
  const path = join(folder, name);
  const words = `-hide_banner -loglevel error -y ${PICTURE} ${coding} ${path}`.split(" ");
  const { status, stderr } = spawnSync("ffmpeg", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return path;
}

async function packaged(path: string): Promise<PackagerEvent[]> {
  const packager = new TsPackager({ chunkMs: 200 });
  const events: PackagerEvent[] = [];
  for await (const event of createSource(path).events(new AbortController().signal)) {
    if (event.type === "bytes") events.push(...packager.push(event.bytes, 0));
  }
  return [...events, ...packager.flush()];
}

describe("a file in a container made for files", () => {
  it.skipIf(!hasFfmpeg).each([
    ["film.mp4", H264],
    ["fragmented.mp4", `${H264} -movflags frag_keyframe+empty_moov`],
    ["film.mov", H264],
    ["film.mkv", H264],
  ])("plays whole and without a hole: %s (needs ffmpeg)", async (name, coding) => {
    const events = await packaged(make(name, coding));
    expect(events.filter(({ type }) => type === "warning")).toEqual([]);
    for (const kind of ["video", "audio"]) {
      const chunks = events.flatMap((event) =>
        event.type === "chunk" && event.chunk.kind === kind ? [event.chunk] : [],
      );
      const playedMs = chunks.reduce((sum, { durationMs }) => sum + durationMs, 0);
      expect(Math.abs(playedMs - 2000)).toBeLessThan(60);
      for (const [index, chunk] of chunks.entries()) {
        const before = chunks[index - 1];
        if (before === undefined) continue;
        expect(chunk.mediaTimeMs).toBeCloseTo(before.mediaTimeMs + before.durationMs, 0);
      }
    }
  });

  it.skipIf(!hasFfmpeg)("names a codec it cannot stream (needs ffmpeg)", async () => {
    const path = make("film.webm", "-c:v libvpx -b:v 200k -c:a libopus");
    await expect(packaged(path)).rejects.toMatchObject({
      code: "input-unsupported",
      message: expect.stringMatching(/its video is vp8, H\.264 is needed/),
    });
  });

  it("says in one line that there is nothing in it", async () => {
    const path = join(folder, "junk.mp4");
    await writeFile(path, `\0\0\0\x18ftyp${"garbage".repeat(20)}`);
    await expect(packaged(path)).rejects.toMatchObject({ code: "input-unreadable" });
  });

  it.skipIf(!hasFfmpeg)("ends promptly when nobody wants it (needs ffmpeg)", async () => {
    const abort = new AbortController();
    const events = createSource(make("left.mp4", H264), { loop: true }).events(abort.signal);
    let slices = 0;
    for await (const event of events) {
      if (event.type === "bytes" && ++slices === 20) abort.abort();
    }
    expect(slices).toBe(20);
  });
});
