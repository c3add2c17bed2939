import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { PackagedChunk, PackagedTrack, PackagerEvent } from "../packager.ts";

/** A counting picture and a tone, two seconds unless told otherwise. */
const VIDEO = "-f lavfi -i testsrc2=size=320x180:rate=25";
const AUDIO = "-f lavfi -i sine=frequency=440:sample_rate=48000";

/** Options of ffmpeg that make quick, small streams with a key frame each second. */
export const CODINGS = {
  h264: "-c:v libx264 -preset ultrafast -bf 2 -g 25 -pix_fmt yuv420p",
  hevc: "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25:min-keyint=25 -pix_fmt yuv420p",
  vp9: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 200k -g 25 -pix_fmt yuv420p",
  av1: "-c:v libaom-av1 -cpu-used 8 -usage realtime -b:v 200k -g 25 -pix_fmt yuv420p",
  aac: "-c:a aac -ac 2",
  opus: "-c:a libopus -ac 2",
  mp3: "-c:a libmp3lame -ac 2",
  ac3: "-c:a ac3 -ac 6",
  eac3: "-c:a eac3 -ac 2",
  mp2: "-c:a mp2",
} as const;

export type MadeOptions = { video?: string; audio?: string; seconds?: number };

/** Encode a short stream into a file in `folder`. @returns Its path. */
export function makeMedia(folder: string, name: string, options: MadeOptions): string {
  const { video, audio, seconds = 2 } = options;
  const path = join(folder, name);
  const inputs = [...(video === undefined ? [] : [VIDEO]), ...(audio === undefined ? [] : [AUDIO])];
  const coding = [video, audio].filter((part) => part !== undefined);
  const words = ["-hide_banner -loglevel error -y", ...inputs, `-t ${seconds}`, ...coding, path];
  const { status, stderr } = spawnSync("ffmpeg", words.join(" ").split(" "), { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return path;
}

export function tracksOf(events: readonly PackagerEvent[]): PackagedTrack[] {
  return events.flatMap((event) => (event.type === "track" ? [event.track] : []));
}

export function chunksOf(kind: string, events: readonly PackagerEvent[]): PackagedChunk[] {
  return events.flatMap((event) =>
    event.type === "chunk" && event.chunk.kind === kind ? [event.chunk] : [],
  );
}

/** One track as a file: its first init segment and all chunks. */
export function fileOf(kind: string, events: readonly PackagerEvent[]): Uint8Array {
  const track = tracksOf(events).find((candidate) => candidate.kind === kind);
  const parts = [track?.initSegment ?? Buffer.of(), ...chunksOf(kind, events).map((c) => c.bytes)];
  return Buffer.concat(parts);
}

/** What ffprobe says of the one stream in `bytes`. */
export function probe(bytes: Uint8Array): Record<string, string | number> {
  const args = ["-v", "error", "-show_streams", "-count_frames", "-of", "json", "-"];
  const out = execFileSync("ffprobe", args, { input: bytes, encoding: "utf8" });
  return JSON.parse(out).streams[0];
}

/** What ffmpeg complains of when it decodes all of `bytes`. */
export function decodeErrors(bytes: Uint8Array): string {
  const args = ["-v", "error", "-i", "-", "-f", "null", "-"];
  const { stderr, status } = spawnSync("ffmpeg", args, { input: bytes, encoding: "utf8" });
  return status === 0 ? stderr : `${stderr}exit code ${status}`;
}
