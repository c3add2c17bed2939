import { execFile } from "node:child_process";
import { findFfmpeg } from "../ffmpeg/find-ffmpeg.ts";
import { IngestError } from "../ingest-error.ts";
import type { DecodeFrame } from "./still-pictures.ts";

/** A frame is decoded in a tenth of this, in ms. */
const DECODE_WITHIN_MS = 5000;
/** What chat programs take for previews, and little enough for a mail. */
const WIDTH_PX = 640;
const JPEG_BYTES_MAX = 1024 * 1024;
/** Processes at a time: a page of many streams asks for all their pictures at once. */
const PROCESSES_MAX = 2;

/** The first frame by the ffmpeg on PATH; undefined where there is none, or too much to do. */
export function ffmpegFrame(): DecodeFrame {
  let running = 0;
  return async (movie) => {
    const ffmpeg = ffmpegIfAny();
    if (ffmpeg === undefined || running >= PROCESSES_MAX) return undefined;
    running++;
    try {
      return await firstFrame(ffmpeg, movie);
    } finally {
      running--;
    }
  };
}

function ffmpegIfAny(): string | undefined {
  try {
    return findFfmpeg({ input: "still.jpg", otherForms: "still.mp4 works" });
  } catch (error) {
    if (error instanceof IngestError) return undefined;
    throw error;
  }
}

/** As JPEG; undefined when ffmpeg makes nothing of it. */
function firstFrame(ffmpeg: string, movie: Uint8Array): Promise<Uint8Array | undefined> {
  const args = [
    ...["-v", "error", "-f", "mp4", "-i", "pipe:0", "-frames:v", "1"],
    ...["-vf", `scale=min(${WIDTH_PX}\\,iw):-2`, "-q:v", "4", "-f", "mjpeg", "pipe:1"],
  ];
  const options = {
    encoding: "buffer",
    timeout: DECODE_WITHIN_MS,
    maxBuffer: JPEG_BYTES_MAX,
  } as const;
  return new Promise((resolve) => {
    const child = execFile(ffmpeg, args, options, (error, stdout) => {
      resolve(error === null && stdout.length > 0 ? stdout : undefined);
    });
    // It may have enough before it has read everything.
    child.stdin?.on("error", () => {});
    child.stdin?.end(movie);
  });
}
