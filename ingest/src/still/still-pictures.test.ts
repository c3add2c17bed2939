import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readChunk, readInitSegment } from "#media";
import { type Feed, feedPublisher } from "../feed-publisher.ts";
import { createIdentity } from "../identity.ts";
import { SILENT_INGEST_LOG } from "../ingest-log.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import { Publisher } from "../publisher.ts";
import { createSource } from "../sources/create-source.ts";
import { ffmpegFrame } from "./ffmpeg-frame.ts";
import { StillPictures } from "./still-pictures.ts";

const publisher = new Publisher({ identity: createIdentity(), title: "", chunkMs: 200 });
let feed: Feed;
let nowMs = 0;

beforeAll(async () => {
  const source = createSource("test://pattern", { loop: true });
  const packager = new TsPackager({ chunkMs: 200 });
  feed = feedPublisher({ source, packager, publisher, log: SILENT_INGEST_LOG });
  await new Promise<void>((resolve) => {
    publisher.listen({ onChunk: ({ track }) => track === 0 && resolve() });
  });
});
afterAll(() => feed.close());

describe("what a stream looks like", () => {
  it("is a movie of one key frame that begins at 0, made anew after ten seconds", () => {
    const stills = new StillPictures(publisher, () => nowMs);
    const movie = stills.movie() ?? new Uint8Array();
    const { samples, decodeTimeTicks } = readChunk(movie);
    expect(samples[0]?.isKeyFrame).toBe(true);
    expect(decodeTimeTicks).toBe(0);
    expect(readInitSegment(movie)).toBeDefined();
    nowMs = 9999;
    expect(stills.movie()).toBe(movie);
    nowMs = 10_000;
    expect(stills.movie()).not.toBe(movie);
  });

  it("is decoded once for all who ask together, and again when it is old", async () => {
    const stills = new StillPictures(publisher, () => nowMs);
    let count = 0;
    const decode = async () => new Uint8Array([++count]);
    const ask = () => stills.picture(decode);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(
      [1, 1, 1].map((n) => new Uint8Array([n])),
    );
    await ask();
    expect(count).toBe(1);
    nowMs += 10_000;
    expect(await ask()).toEqual(new Uint8Array([2]));
  });

  it("stays the last one when decoding fails, and is nothing before the first", async () => {
    const stills = new StillPictures(publisher, () => nowMs);
    const nothing = async () => undefined;
    expect(await stills.picture(nothing)).toBeUndefined();
    const picture = await stills.picture(async () => new Uint8Array([9]));
    nowMs += 10_000;
    expect(await stills.picture(nothing)).toBe(picture);
  });

  it("is nothing for a stream without video", async () => {
    const silent = new Publisher({ identity: createIdentity(), title: "", chunkMs: 200 });
    expect(new StillPictures(silent).movie()).toBeUndefined();
  });

  const hasFfmpeg = isThere("ffmpeg");
  it.skipIf(!hasFfmpeg)(
    `is a JPEG by ffmpeg${hasFfmpeg ? "" : " (skipped: none here)"}`,
    async () => {
      const picture = await new StillPictures(publisher).picture(ffmpegFrame());
      expect([...(picture ?? new Uint8Array()).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    },
  );
});

function isThere(program: string): boolean {
  try {
    execFileSync(program, ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
