import type { Sample } from "#media";
import { ChunkBuilder } from "../../packager/chunk-builder.ts";
import type { PackagedChunk } from "../../packager.ts";

/** A group of pictures: one key frame, and frames after it. */
export type Gop = {
  frames: number;
  framesPerSecond: number;
  /** An encoder came back before it, after some seconds. */
  isRestart: boolean;
  /** New parameters from here on. */
  isNewInit: boolean;
};

const VIDEO_TIMESCALE = 90_000;
const AUDIO_TIMESCALE = 48_000;
const AAC_FRAME = 1024;
const AT_MS = Date.UTC(2026, 0, 1);
const AWAY_MS = 4000;

/** Video and audio chunks of these groups, in the order they are complete, cut as ever. */
export function chunksOf(gops: readonly Gop[], chunkMs = 200): PackagedChunk[] {
  const chunks: PackagedChunk[] = [];
  const take = (chunk: PackagedChunk) => chunks.push(chunk);
  const video = new ChunkBuilder({ kind: "video", chunkMs, onChunk: take });
  const audio = new ChunkBuilder({ kind: "audio", chunkMs, onChunk: take });
  let videoTicks = 0;
  let audioTicks = 0;
  let initVersion = 1;
  let beganAtMs = AT_MS;
  audio.setInit(1, AUDIO_TIMESCALE);
  for (const { frames, framesPerSecond, isRestart, isNewInit } of gops) {
    if (isRestart) {
      for (const track of [video, audio]) track.discontinuity();
      beganAtMs += AWAY_MS;
    }
    if (isNewInit && videoTicks > 0) initVersion++;
    video.setInit(initVersion, VIDEO_TIMESCALE);
    const durationTicks = Math.round(VIDEO_TIMESCALE / framesPerSecond);
    for (let frame = 0; frame < frames; frame++) {
      const atMs = beganAtMs + (videoTicks * 1000) / VIDEO_TIMESCALE;
      video.add(sample(durationTicks, frame === 0), videoTicks, () => atMs);
      videoTicks += durationTicks;
    }
    while (audioTicks / AUDIO_TIMESCALE < videoTicks / VIDEO_TIMESCALE) {
      const atMs = beganAtMs + (audioTicks * 1000) / AUDIO_TIMESCALE;
      audio.add(sample(AAC_FRAME, true), audioTicks, () => atMs);
      audioTicks += AAC_FRAME;
    }
  }
  video.close();
  audio.close();
  return chunks.sort((a, b) => a.mediaTimeMs + a.durationMs - (b.mediaTimeMs + b.durationMs));
}

function sample(durationTicks: number, isKeyFrame: boolean): Sample {
  return { bytes: Uint8Array.of(1, 2, 3), durationTicks, compositionOffsetTicks: 0, isKeyFrame };
}
