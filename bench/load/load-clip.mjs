import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../.livemesh/bench/", import.meta.url));
/** Longer than any of these benchmarks: nobody sees the seam. */
export const CLIP_SECONDS = 100;
const AUDIO_BPS = 96_000;
/** What MPEG-TS adds to the media. */
const TS_OVERHEAD = 1.06;

/** A test picture of this rate in MPEG-TS, made once. @throws {Error} Without ffmpeg. */
export function loadClip(bps) {
  const file = `${CACHE}1280x720-${bps / 1e6}mbit-${CLIP_SECONDS}s.ts`;
  if (existsSync(file)) return file;
  mkdirSync(CACHE, { recursive: true });
  const rate = `${Math.round((bps / TS_OVERHEAD - AUDIO_BPS) / 1000)}k`;
  const args = [
    ..."-hide_banner -loglevel error -y -f lavfi -i testsrc2=size=1280x720:rate=25".split(" "),
    ..."-f lavfi -i sine=frequency=440:sample_rate=48000 -c:v libx264 -preset ultrafast".split(" "),
    ..."-tune zerolatency -pix_fmt yuv420p -g 25 -nal-hrd cbr".split(" "),
    ...["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate],
    ...["-c:a", "aac", "-b:a", `${AUDIO_BPS}`, "-ac", "2", "-t", `${CLIP_SECONDS}`],
    ..."-f mpegts -muxdelay 0 -muxpreload 0".split(" "),
    `${file}.part`,
  ];
  const { status, stderr } = spawnSync("ffmpeg", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the test picture needs ffmpeg: ${stderr ?? "not installed"}`);
  renameSync(`${file}.part`, file);
  return file;
}
