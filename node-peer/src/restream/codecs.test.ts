import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Mp4Muxer } from "../mp4/mp4-muxer.ts";
import { SILENT_PEER_LOG } from "../peer-log.ts";
import { complaintsAbout, NO_FFMPEG, probe } from "../testing/ffmpeg.ts";
import { makeTestStream, type TestCodecs } from "../testing/test-stream.ts";
import { TsMuxer } from "../ts/ts-muxer.ts";
import { MediaLine } from "./media-line.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "livemesh-codecs-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const HEVC =
  "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=25:min-keyint=25";
const VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 200k -g 25";

/** The stream as both files, and what was said to be left out of the transport stream. */
function filesOf(codecs: TestCodecs) {
  const { descriptor, chunks } = makeTestStream(folder, { ...codecs, seconds: 1 });
  const line = new MediaLine(SILENT_PEER_LOG);
  line.describe(descriptor);
  const events = chunks.flatMap((chunk) => line.push(chunk));
  const leftOut: string[] = [];
  const tsMuxer = new TsMuxer((codec) => leftOut.push(codec));
  const mp4Muxer = new Mp4Muxer();
  const ts = events.flatMap((event) => tsMuxer.push(event)).map(({ bytes }) => bytes);
  const mp4 = events
    .flatMap((event) => mp4Muxer.push(event))
    .map((event) => (event.type === "header" ? event : event.piece).bytes);
  return { ts: save("stream.ts", ts), mp4: save("stream.mp4", mp4), leftOut };
}

function save(name: string, parts: readonly Uint8Array[]): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

const codecsIn = (file: string) => probe(file).streams.map(({ codec_name }) => codec_name);

describe.skipIf(NO_FFMPEG !== undefined)(`what a peer writes${NO_FFMPEG ?? ""}`, () => {
  it.each<[string, TestCodecs, string[]]>([
    ["HEVC and AC-3", { video: HEVC, audio: "-c:a ac3" }, ["hevc", "ac3"]],
    ["MP3", { audio: "-c:a libmp3lame" }, ["h264", "mp3"]],
    ["E-AC-3", { audio: "-c:a eac3" }, ["h264", "eac3"]],
    ["Opus", { audio: "-c:a libopus" }, ["h264", "opus"]],
  ])("is MPEG-TS and MP4 for %s, decoded by ffmpeg without a complaint", (_, codecs, names) => {
    const { ts, mp4, leftOut } = filesOf(codecs);
    for (const file of [ts, mp4]) {
      expect(complaintsAbout(file)).toBe("");
      expect(codecsIn(file)).toEqual(names);
    }
    expect(Number(probe(ts).streams[0]?.nb_read_frames)).toBeGreaterThanOrEqual(24);
    expect(leftOut).toEqual([]);
  });

  it("is MP4 for VP9; MPEG-TS has the sound, and the picture is said to be left out, once", () => {
    const { ts, mp4, leftOut } = filesOf({ video: VP9, audio: "-c:a libopus" });
    expect(complaintsAbout(mp4)).toBe("");
    expect(codecsIn(mp4)).toEqual(["vp9", "opus"]);
    expect(complaintsAbout(ts)).toBe("");
    expect(codecsIn(ts)).toEqual(["opus"]);
    expect(leftOut).toEqual(["vp09.00.11.08 video"]);
  });
});
