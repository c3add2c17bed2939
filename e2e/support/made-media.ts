import { spawnSync } from "node:child_process";
import { join } from "node:path";

export const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

/** Quick to encode, a key frame each second, no B-frames. */
export const VIDEO = {
  h264: "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p",
  hevc: "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25:min-keyint=25:open-gop=0 -pix_fmt yuv420p",
  vp9: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 300k -g 25 -pix_fmt yuv420p",
  av1: "-c:v libaom-av1 -cpu-used 8 -usage realtime -b:v 300k -g 25 -pix_fmt yuv420p",
};
export const AUDIO = {
  aac: "-c:a aac -ac 2",
  opus: "-c:a libopus -ac 2",
  mp3: "-c:a libmp3lame -ac 2",
  ac3: "-c:a ac3 -ac 2",
};

export type MadeMedia = {
  video?: string;
  audio?: string;
  size?: string;
  framesPerSecond?: number;
  seconds?: number;
  /** More options of ffmpeg for the file. */
  output?: string;
};

/** A counting picture and a tone as a file in `folder`. @returns Its path. */
export function makeMedia(folder: string, name: string, made: MadeMedia): string {
  const { video, audio, size = "320x180", framesPerSecond = 25, seconds = 6, output } = made;
  const path = join(folder, name);
  const words = [
    "-v error -y",
    video && `-f lavfi -i testsrc2=size=${size}:rate=${framesPerSecond}`,
    audio && "-f lavfi -i sine=frequency=440:sample_rate=48000",
    `-t ${seconds}`,
    video,
    audio,
    output,
    path,
  ];
  const args = words.filter((word) => word !== undefined).join(" ");
  const { status, stderr } = spawnSync("ffmpeg", args.split(" "), { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return path;
}
