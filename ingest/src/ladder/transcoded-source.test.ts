import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readChunk } from "#media";
import { hasFfmpeg, NEEDS_FFMPEG } from "../ffmpeg/testing/real-ffmpeg.ts";
import type { PackagedChunk, PackagedTrack } from "../packager.ts";
import type { Source, SourceEvent } from "../source.ts";
import { clipPath } from "../sources/clip-path.ts";
import { createSource } from "../sources/create-source.ts";
import { type Ladder, parseLadder } from "./ladder.ts";
import { TranscodedSource } from "./transcoded-source.ts";

const folder = mkdtempSync(path.join(tmpdir(), "livemesh-ladder-"));
afterAll(() => rmSync(folder, { recursive: true }));

function ladder(text: string): Ladder {
  const parsed = parseLadder(text);
  if (parsed === undefined) throw new Error("copy is no ladder");
  return parsed;
}

type Made = { tracks: PackagedTrack[]; chunks: PackagedChunk[]; warnings: string[] };

/** What a source makes, until that is enough. */
async function make(source: Source, isEnough: (made: Made) => boolean): Promise<Made> {
  const abort = new AbortController();
  const made: Made = { tracks: [], chunks: [], warnings: [] };
  const packager = source.createPackager?.({ chunkMs: 200 });
  for await (const event of source.events(abort.signal)) {
    if (event.type === "warning") made.warnings.push(event.message);
    const packaged = event.type === "bytes" ? packager?.push(event.bytes, Date.now()) : [];
    for (const out of packaged ?? []) {
      if (out.type === "track") made.tracks.push(out.track);
      if (out.type === "chunk") made.chunks.push(out.chunk);
      if (out.type === "warning") made.warnings.push(out.message);
    }
    if (isEnough(made)) abort.abort();
  }
  return made;
}

const videoOf = ({ chunks }: Made, rendition: number) =>
  chunks.filter((chunk) => chunk.kind === "video" && chunk.rendition === rendition);

describe.skipIf(!hasFfmpeg)(`with a real ffmpeg${NEEDS_FFMPEG}`, () => {
  it("makes renditions that are cut at the same pictures, and one sound", async () => {
    const transcode = ladder("180p:200k,90p:60k,audio:64k");
    const made = await make(
      createSource(clipPath(), { transcode }),
      (made) => videoOf(made, 1).length >= 16 && videoOf(made, 0).length >= 16,
    );
    const tracks = made.tracks.map(({ kind, rendition, height }) => ({ kind, rendition, height }));
    expect(tracks).toHaveLength(3);
    expect(tracks).toEqual(
      expect.arrayContaining([
        { kind: "video", rendition: 0, height: 180 },
        { kind: "video", rendition: 1, height: 90 },
        { kind: "audio", rendition: undefined, height: undefined },
      ]),
    );
    const [high, low] = [0, 1].map((rendition) =>
      videoOf(made, rendition)
        .slice(0, 16)
        .map((chunk) => ({
          sequence: chunk.sequence,
          mediaTimeMs: chunk.mediaTimeMs,
          isIndependent: chunk.isIndependent,
          durations: readChunk(chunk.bytes).samples.map(({ durationTicks }) => durationTicks),
        })),
    );
    expect(low).toEqual(high);
    const keysMs = high?.filter(({ isIndependent }) => isIndependent).map((c) => c.mediaTimeMs);
    expect(keysMs).toEqual([0, 1000, 2000, 3000].slice(0, keysMs?.length));
    expect(keysMs?.length).toBeGreaterThan(2);
  });

  it("scales nothing up, and says what is left out", async () => {
    // The clip has 360 lines.
    const transcode = ladder("1080p:300k,480p:200k,90p:60k");
    const made = await make(
      createSource(clipPath(), { transcode }),
      (made) => videoOf(made, 2).length >= 3,
    );
    const sizes = made.tracks.filter(({ kind }) => kind === "video").map(({ height }) => height);
    expect(sizes).toEqual([360, 90]);
    expect(videoOf(made, 0)).toEqual([]);
    expect(made.warnings).toEqual([
      "the input has 360 lines: 1080p is left out, as nothing is scaled up; take it out of --transcode to save its encoding",
    ]);
  });

  it("goes on without a new beginning when a file starts over", async () => {
    const clip = readFileSync(clipPath());
    const short = path.join(folder, "short.ts");
    writeFileSync(short, clip.subarray(0, 188 * Math.floor(clip.length / 4 / 188)));
    const source = createSource(short, { transcode: ladder("90p:60k,audio"), loop: true });
    const made = await make(source, (made) => videoOf(made, 0).length >= 60);
    const chunks = videoOf(made, 0);
    expect(chunks.filter(({ isDiscontinuity }) => isDiscontinuity)).toEqual([]);
    expect(chunks.map(({ mediaTimeMs }) => mediaTimeMs)).toEqual(
      chunks.map(({ mediaTimeMs }) => mediaTimeMs).toSorted((a, b) => a - b),
    );
  });

  it("encodes only the sound where only the sound is named", async () => {
    const source = createSource(clipPath(), { transcode: ladder("audio:64k") });
    const made = await make(source, ({ chunks }) => chunks.length > 20);
    expect(made.tracks.map(({ kind, height }) => ({ kind, height }))).toContainEqual({
      kind: "video",
      height: 360,
    });
  });

  it("is made by the ffmpeg that reads the input, where one does", async () => {
    const source = createSource(`ffmpeg:${clipPath()}`, { transcode: ladder("180p:200k,90p:60k") });
    expect(source).not.toBeInstanceOf(TranscodedSource);
    const made = await make(source, (made) => videoOf(made, 1).length >= 5);
    const sizes = made.tracks.filter(({ kind }) => kind === "video").map(({ height }) => height);
    expect(sizes).toEqual([180, 90]);
  });

  it("says in one line what ffmpeg cannot read, and tries the next encoder", async () => {
    const garbage = path.join(folder, "garbage.ts");
    writeFileSync(garbage, "no media at all\n".repeat(50_000));
    const source = createSource(garbage, { transcode: ladder("90p:60k") });
    const { warnings } = await make(source, ({ warnings }) => warnings.length > 0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/garbage\.ts: cannot be encoded: [^\n]+$/);
  });
});

/** Yields what it is given. */
class ListedSource implements Source {
  readonly name = "listed";
  readonly aheadMs = 1000;

  constructor(readonly list: readonly SourceEvent[]) {}

  async *events(): AsyncGenerator<SourceEvent, void, void> {
    yield* this.list;
  }
}

describe.skipIf(process.platform === "win32")("an ffmpeg of one's own", () => {
  function script(name: string, body: string): string {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  const bytes = (text: string): SourceEvent => ({ type: "bytes", bytes: Buffer.from(text) });

  async function all(source: Source): Promise<string[]> {
    const events: string[] = [];
    for await (const event of source.events(new AbortController().signal)) {
      events.push(event.type === "bytes" ? Buffer.from(event.bytes).toString() : event.type);
    }
    return events;
  }

  it("is started for each encoder, and gives all it has before the next", async () => {
    const echo = script("echo", 'echo "new:$(cat)"');
    const start: SourceEvent = { type: "start", description: "x" };
    const end: SourceEvent = { type: "end", reason: "x" };
    const inner = new ListedSource([start, bytes("a"), bytes("b"), end, start, bytes("c"), end]);
    const source = new TranscodedSource(inner, { ladder: ladder("90p:60k"), ffmpeg: echo });
    expect(await all(source)).toEqual(["start", "new:ab\n", "end", "start", "new:c\n", "end"]);
  });

  it("that fails is told of once, and started again with what comes next", async () => {
    const runs = path.join(folder, "runs");
    const failing = script("failing", `echo run >> ${runs}; exit 1`);
    const inner = new ListedSource(Array.from({ length: 5 }, () => bytes("x".repeat(200_000))));
    const source = new TranscodedSource(inner, {
      ladder: ladder("90p:60k"),
      ffmpeg: failing,
      restartMs: 1,
    });
    expect(await all(source)).toEqual(["warning"]);
  });
});

it("has nothing to transcode in integers", () => {
  expect(() => createSource("test://integers", { transcode: ladder("720p") })).toThrow(
    'unsupported input "test://integers"; there is nothing in it to transcode',
  );
});

it("needs ffmpeg, and says so in one line with what works without", () => {
  const options = { transcode: ladder("720p"), ffmpeg: "/nowhere/ffmpeg" };
  expect(() => createSource("test://pattern", options)).toThrow(
    /^--transcode needs ffmpeg 4\.3 or newer, and \/nowhere\/ffmpeg is no program: install it .*; without it inputs are passed on as they are \(--transcode copy\)$/,
  );
});
