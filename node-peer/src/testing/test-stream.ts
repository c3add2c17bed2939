import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readBoxes, readChunk, readInitSegment } from "#media";
import type { MeshChunk } from "#mesh";
import { type StreamDescriptor, type StreamId, toHex } from "#protocol";
import { ffmpeg } from "./ffmpeg.ts";

/** A stream as a peer gets it: its descriptor, and its chunks in the order of their media. */
export type TestStream = { descriptor: StreamDescriptor; chunks: MeshChunk[] };

export const STARTED_AT_MS = 1_700_000_000_000;

/** What ffmpeg encodes with, in words of its command line. */
export type TestCodecs = { video?: string; audio?: string; seconds?: number };

const H264 = "-c:v libx264 -preset ultrafast -g 25 -bf 2 -b:v 1M";

/** Six seconds, unless told otherwise, with B-frames and a key frame a second, encoded and cut into chunks by ffmpeg. */
export function makeTestStream(
  folder: string,
  { video: videoCodec = H264, audio: audioCodec = "-c:a aac", seconds = 6 }: TestCodecs = {},
): TestStream {
  const [video, audio] = [join(folder, "video.mp4"), join(folder, "audio.mp4")];
  const cut = ["-movflags", "+delay_moov+default_base_moof+frag_keyframe", "-use_editlist", "0"];
  const length = ["-frag_duration", "200000", "-t", String(seconds)];
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
  const tone = ["-f", "lavfi", "-i", "sine=frequency=440"];
  const colors = ["-pix_fmt", "yuv420p"];
  ffmpeg(...picture, ...videoCodec.split(" "), ...colors, ...length, ...cut, video);
  ffmpeg(...tone, ...audioCodec.split(" "), ...length, ...cut, audio);
  const tracks = [readTrack(video, 0), readTrack(audio, 1)];
  const descriptor: StreamDescriptor = {
    version: 1,
    streamId: "a".repeat(32) as StreamId,
    publicKey: "",
    revision: 1,
    title: "test",
    startedAtMs: STARTED_AT_MS,
    isLive: true,
    chunkMs: 200,
    scheduler: "striped-push",
    overlay: "adaptive",
    origins: [""],
    tracks: tracks.map(({ described }) => described),
  };
  const chunks = tracks
    .flatMap((track) => track.chunks)
    .sort((a, b) => a.sourceTimeMs - b.sourceTimeMs);
  return { descriptor, chunks };
}

function readTrack(file: string, track: number) {
  const bytes = new Uint8Array(readFileSync(file));
  const boxes = readBoxes(bytes);
  const firstMoof = boxes.find(({ type }) => type === "moof");
  const init = bytes.slice(0, firstMoof?.start ?? 0);
  const { kind, codec, timescale } = readInitSegment(init);
  const chunks = boxes.flatMap((box, index) => {
    const data = boxes[index + 1];
    if (box.type !== "moof" || data === undefined) return [];
    return [toMeshChunk(bytes.slice(box.start, data.start + data.size), track, timescale)];
  });
  chunks.forEach((chunk, index) => {
    chunk.sequence = 1000 + index;
  });
  const described: StreamDescriptor["tracks"][number] = {
    id: kind === "video" ? "v0" : "a0",
    kind,
    codec,
    stripes: 1,
    bitrateBps: 0,
    initVersion: 0,
    init: toHex(init),
  };
  return { described, chunks };
}

function toMeshChunk(bytes: Uint8Array, track: number, timescale: number): MeshChunk {
  const { decodeTimeTicks, samples } = readChunk(bytes);
  const ticks = samples.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
  return {
    track,
    sequence: 0,
    initVersion: 0,
    isIndependent: samples[0]?.isKeyFrame ?? false,
    isDiscontinuity: false,
    sourceTimeMs: STARTED_AT_MS + (decodeTimeTicks * 1000) / timescale,
    durationMs: (ticks * 1000) / timescale,
    bytes,
  };
}
