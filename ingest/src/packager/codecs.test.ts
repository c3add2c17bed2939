import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BufferSource, Input, MP4 } from "mediabunny";
import { afterAll, describe, expect, it } from "vitest";
import { readInitSegment } from "#media";
import { hasFfmpeg, NEEDS_FFMPEG } from "../ffmpeg/testing/real-ffmpeg.ts";
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
import { TsPackager } from "./ts-packager.ts";

const folder = mkdtempSync(join(tmpdir(), "livemesh-codecs-"));
afterAll(() => rmSync(folder, { recursive: true }));

function packaged(coding: { video?: string; audio?: string }): PackagerEvent[] {
  const bytes = readFileSync(makeMedia(folder, "stream.ts", coding));
  const packager = new TsPackager({ chunkMs: 200 });
  return [...packager.push(bytes, 0), ...packager.flush()];
}

/** What another reader makes of an init segment with its chunks. */
async function otherReadersCodec(file: Uint8Array): Promise<string | null | undefined> {
  const input = new Input({ source: new BufferSource(file), formats: [MP4] });
  const codec = await (await input.getTracks())[0]?.getCodecParameterString();
  // It has one name for both ways to store HEVC.
  return codec?.replace("hev1", "hvc1");
}

function warningsOf(events: PackagerEvent[]): string[] {
  return events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
}

describe.skipIf(!hasFfmpeg)(`codecs in MPEG-TS${NEEDS_FFMPEG}`, () => {
  it.each([
    ["h264", "h264"],
    ["hevc", "hevc"],
  ] as const)("video: %s goes through as it is", async (coding, name) => {
    const events = packaged({ video: CODINGS[coding] });
    expect(warningsOf(events).filter((message) => !message.includes("open GOPs"))).toEqual([]);
    const [track, ...more] = tracksOf(events);
    expect(more).toEqual([]);
    expect(track).toMatchObject({ kind: "video", width: 320, height: 180 });
    const file = fileOf("video", events);
    expect(probe(file)).toMatchObject({ codec_name: name, width: 320, height: 180 });
    expect(decodeErrors(file)).toBe("");
    expect(track?.codec).toBe(await otherReadersCodec(file));
    expect(readInitSegment(file)).toMatchObject({ codec: track?.codec, width: 320, height: 180 });
    const independent = chunksOf("video", events).filter(({ isIndependent }) => isIndependent);
    expect(independent.map(({ mediaTimeMs }) => Math.round(mediaTimeMs / 1000))).toEqual([0, 1]);
  });

  it.each([
    ["aac", "aac", "mp4a.40.2", 2, 1024],
    ["mp3", "mp3", "mp4a.6b", 2, 1152],
    ["ac3", "ac3", "ac-3", 6, 1536],
    ["eac3", "eac3", "ec-3", 2, 1536],
    ["opus", "opus", "opus", 2, 960],
  ] as const)("audio: %s goes through as it is", (coding, name, codec, channels, samples) => {
    const events = packaged({ audio: CODINGS[coding] });
    expect(warningsOf(events)).toEqual([]);
    const [track, ...more] = tracksOf(events);
    expect(more).toEqual([]);
    expect(track).toMatchObject({ kind: "audio", codec, channels, sampleRateHz: 48_000 });
    const file = fileOf("audio", events);
    expect(probe(file)).toMatchObject({ codec_name: name, channels, sample_rate: "48000" });
    expect(decodeErrors(file)).toBe("");
    expect(readInitSegment(file)).toMatchObject({ codec, channels, sampleRateHz: 48_000 });
    const playedMs = chunksOf("audio", events).reduce((sum, chunk) => sum + chunk.durationMs, 0);
    expect(Math.abs(playedMs - 2000)).toBeLessThanOrEqual((2 * samples) / 48 + 1);
  });

  it("names what browsers do not play, and goes on with the picture", () => {
    const events = packaged({ video: CODINGS.h264, audio: CODINGS.mp2 });
    expect(warningsOf(events)).toEqual([expect.stringMatching(/^the sound is MP2 .*send AAC/)]);
    expect(tracksOf(events).map(({ kind }) => kind)).toEqual(["video"]);
  });
});
