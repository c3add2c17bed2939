import { expect, it } from "vitest";
import { readFfmpegLine } from "./ffmpeg-line.ts";

it.each([
  [
    "[rtmp @ 0x5649ea1ae200] [error] Cannot open connection tcp://a:1",
    "Cannot open connection tcp://a:1",
  ],
  ["[error] rtmp://a/live/s3cret: Input/output error", "rtmp://a/live/***: Input/output error"],
  ["[error] film.mkv: Invalid data found", "Invalid data found"],
  ["[fatal] Unrecognized option 'x'.", "Unrecognized option 'x'."],
  ["[h264 @ 0x1] [error] [h264 @ 0x1] bad \u001b[31m NAL\u0007", "bad  [31m NAL"],
  ["[error] av_interleaved_write_frame(): Broken pipe", undefined],
  ["[error] Error writing trailer of pipe:1: Invalid argument", undefined],
  ["", undefined],
])("tells of %j only %j", (line, told) => {
  expect(readFfmpegLine(line, { input: "film.mkv", secrets: ["s3cret"] })).toBe(told);
});

it("is cut when it is long", () => {
  expect(readFfmpegLine(`[error] ${"x".repeat(10_000)}`, { secrets: [] })).toHaveLength(301);
});
