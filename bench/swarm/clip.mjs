import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../.livemesh/bench/", import.meta.url));
const BUILT_IN = fileURLToPath(new URL("../../ingest/clip/pattern.m2ts", import.meta.url));

/** Two minutes, so that most runs never see the seam where the clip starts over. */
const CLIP_SECONDS = 120;

/**
 * The stream every number is measured with: 1 Mbit/s, 640×360, 25 frames and one key frame a
 * second, encoded for low latency, AAC. Noise keeps the encoder at its rate.
 */
const ENCODE = [
  ..."-hide_banner -loglevel error -y".split(" "),
  ..."-f lavfi -i testsrc2=size=640x360:rate=25,noise=alls=12:allf=t".split(" "),
  ..."-f lavfi -i sine=frequency=440:sample_rate=48000".split(" "),
  ..."-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 25".split(" "),
  ..."-b:v 860k -maxrate 860k -bufsize 430k -c:a aac -b:a 64k -ac 2".split(" "),
  // One audio frame a packet and no head start: nothing waits in the multiplexer.
  ..."-f mpegts -pes_payload_size 0 -muxdelay 0 -muxpreload 0".split(" "),
];

/**
 * A TS file to send.
 * @param file The user's own, instead of the test picture.
 * @param say Gets one line on what is made or lacking.
 */
export function prepareClip(file, say) {
  if (file !== undefined) {
    if (!existsSync(file)) throw new Error(`--clip ${file}: there is no such file`);
    return { file, description: file };
  }
  const cached = `${CACHE}640x360-1mbit-${CLIP_SECONDS}s.ts`;
  const description = "test picture, 640×360, 25 fps, 1 Mbit/s, key frame every second";
  if (existsSync(cached)) return { file: cached, description };
  say("making the test picture with ffmpeg, once");
  mkdirSync(CACHE, { recursive: true });
  const unfinished = `${cached}.part`;
  const { status, error, stderr } = spawnSync(
    "ffmpeg",
    [...ENCODE, "-t", String(CLIP_SECONDS), unfinished],
    { encoding: "utf8" },
  );
  if (status === 0) {
    renameSync(unfinished, cached);
    return { file: cached, description };
  }
  const problem = error?.code === "ENOENT" ? "ffmpeg is not installed" : (stderr ?? "").trim();
  say(`no test picture (${problem}): the built-in clip is sent, compare with care`);
  return { file: BUILT_IN, description: "the built-in clip" };
}
