import { execFileSync, spawnSync } from "node:child_process";

/** Put behind the name of tests that need ffmpeg; undefined where it is there. */
export const NO_FFMPEG =
  spawnSync("ffprobe", ["-version"]).status === 0
    ? undefined
    : " (skipped: ffmpeg and ffprobe are not installed)";

/** What ffprobe complains about while it decodes everything; empty for a clean file. */
export function complaintsAbout(file: string): string {
  const { stderr } = spawnSync(
    "ffmpeg",
    ["-v", "warning", "-i", file, "-map", "0", "-f", "null", "-"],
    { encoding: "utf8" },
  );
  return stderr;
}

export type ProbedPacket = {
  codec_type: "video" | "audio";
  pts: number;
  dts: number;
  flags: string;
  size: string;
};
export type ProbedStream = {
  codec_name: string;
  codec_type: string;
  start_time: string;
  nb_read_frames: string;
};

export function probe(file: string): { streams: ProbedStream[]; packets: ProbedPacket[] } {
  const what = ["-show_streams", "-show_packets", "-count_frames", "-of", "json"];
  return JSON.parse(
    execFileSync("ffprobe", ["-v", "error", ...what, file], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    }),
  );
}

export function ffmpeg(...args: string[]): void {
  execFileSync("ffmpeg", ["-v", "error", "-y", ...args]);
}
