import type { Ladder } from "./ladder.ts";

/** Time between key frames, in seconds: how long who joins or changes the rendition waits at most. */
const KEY_FRAME_SEC = 1;

/** Before a live input that is decoded. Each further thread of the decoder holds a picture back until the
 * next one has come, and by default there is one for each core: two are enough for any input, and cost
 * one picture. */
export const DECODE_SOON: readonly string[] = ["-threads", "2"];

/**
 * Options of ffmpeg that make a ladder of its input: one H.264 stream per rendition in the order of
 * the ladder, then the sound. All renditions have the same pictures, with key frames at the same ones,
 * so that the packager cuts them at the same.
 */
export function ladderArgs({ video, audioBps }: Ladder): string[] {
  const maps = video.length === 0 ? ["-map", "0:v:0?", "-c:v", "copy"] : [];
  const pictures = video.flatMap(({ lines, bitrateBps }, at) => [
    ...["-map", "0:v:0?", `-filter:v:${at}`, scaleTo(lines)],
    ...[`-b:v:${at}`, `${bitrateBps}`, `-maxrate:v:${at}`, `${bitrateBps}`],
    // Half a second: what a picture may take more than its share.
    ...[`-bufsize:v:${at}`, `${Math.round(bitrateBps / 2)}`],
  ]);
  const sound = ["-map", "0:a:0?", ...(audioBps === undefined ? COPY_SOUND : aac(audioBps))];
  return [...maps, ...pictures, ...(video.length === 0 ? [] : H264), ...sound];
}

/** Without delay: no B-frames, no look-ahead. A key frame by time only, for a cut seen by one
 * rendition and not by another would put them out of step. */
const H264 = [
  ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
  ...["-force_key_frames", `expr:gte(t,n_forced*${KEY_FRAME_SEC})`],
  ...["-x264-params", "scenecut=0:open-gop=0:keyint=infinite"],
];

const COPY_SOUND = ["-c:a", "copy"];

function aac(bitrateBps: number): string[] {
  return ["-c:a", "aac", "-b:a", `${bitrateBps}`, "-ac", "2"];
}

/** Never up; the shorter side of the picture counts, so that upright ones are no larger. */
function scaleTo(lines: number): string {
  const width = `if(gte(iw\\,ih)\\,-2\\,min(${lines}\\,iw))`;
  const height = `if(gte(iw\\,ih)\\,min(${lines}\\,ih)\\,-2)`;
  return `scale=w='${width}':h='${height}'`;
}
