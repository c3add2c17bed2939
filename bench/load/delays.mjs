import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { packagedEvents } from "../../dist/ingest/packaged-events.js";
import { createTsPackager } from "../../dist/ingest/packager/ts-packager.js";
import { sources } from "../../dist/ingest/sources/create-source.js";
import { FrameTimes } from "./frame-times.mjs";
import { CLIP_SECONDS, loadClip } from "./load-clip.mjs";
import { freePorts } from "./processes.mjs";

const CHUNK_MS = 200;
/** Of the clip. */
const PICTURE_MS = 40;
const SPAN_MS = 20_000;
const BITRATE_BPS = 2.5e6;
/** What comes first is what connections and ffmpeg took to begin. */
const SETTLED_MS = 3000;
const SLICE_BYTES = 7 * 188;

/**
 * From the first byte of a chunk's first picture leaving the encoder to the chunk being there, in
 * ms: a whole chunk passes in between. Over TCP, as MPEG-TS.
 */
export async function copyDelays() {
  const [port] = await freePorts(1);
  return delays(`tcp-listen://127.0.0.1:${port}`, async (frames, signal) => {
    const clip = readFileSync(loadClip(BITRATE_BPS));
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    socket.on("error", () => {});
    const bytesPerMs = clip.length / (CLIP_SECONDS * 1000);
    const startMs = performance.now();
    for (let at = 0; at < clip.length && !signal.aborted; at += SLICE_BYTES) {
      const waitMs = startMs + at / bytesPerMs - performance.now();
      if (waitMs > 1) await wait(waitMs);
      const slice = clip.subarray(at, at + SLICE_BYTES);
      frames.push(slice, performance.now());
      socket.write(slice);
    }
    socket.destroy();
  });
}

/**
 * The same for an encoder that sends RTMP. It is an ffmpeg that gives each packet to two outputs,
 * the ingest and us: when it comes to us it leaves for there.
 */
export async function rtmpDelays() {
  const [port, ours] = await freePorts(2);
  const target = `rtmp://127.0.0.1:${port}/live/key`;
  return delays(target, async (frames, signal) => {
    const server = createServer((socket) => {
      socket.on("data", (bytes) => frames.push(bytes, performance.now()));
      socket.on("error", () => {});
    }).listen(ours, "127.0.0.1");
    const copied = ["-map", "0", "-c", "copy"];
    const toUs = ["-f", "mpegts", "-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1"];
    const args = [
      ..."-hide_banner -loglevel error -nostdin -re -i".split(" "),
      ...[loadClip(BITRATE_BPS), ...copied, "-f", "flv", target],
      ...[...copied, ...toUs, `tcp://127.0.0.1:${ours}`],
    ];
    const encoder = spawn("ffmpeg", args, { stdio: ["ignore", "ignore", "inherit"] });
    signal.addEventListener("abort", () => encoder.kill("SIGKILL"));
    await new Promise((resolve) => encoder.once("close", resolve));
    server.close();
  });
}

/** @param encode Sends the stream, and notes in `frames` when each picture of it left. */
async function delays(input, encode) {
  const source = sources.create(input);
  const packager =
    source.createPackager?.({ chunkMs: CHUNK_MS }) ?? createTsPackager({ chunkMs: CHUNK_MS });
  const frames = new FrameTimes();
  const stop = new AbortController();
  const chunks = [];
  let encoded = Promise.resolve();
  for await (const event of packagedEvents(source, packager, { signal: stop.signal })) {
    if (event.type === "waiting") {
      encoded = encode(frames, stop.signal);
      setTimeout(() => stop.abort(), SPAN_MS + SETTLED_MS).unref();
    }
    if (event.type !== "chunk" || event.chunk.kind !== "video") continue;
    chunks.push({ ...event.chunk, nowMs: performance.now() });
  }
  await encoded;
  const settled = chunks.filter(({ mediaTimeMs }) => mediaTimeMs >= SETTLED_MS);
  const all = settled.flatMap(({ bytes, durationMs, nowMs }) => {
    const sentMs = frames.before(bytes, Math.round(durationMs / PICTURE_MS) - 1);
    return sentMs === undefined ? [] : [nowMs - sentMs];
  });
  if (all.length < settled.length * 0.9 || all.length === 0) {
    throw new Error(
      `${all.length} of ${settled.length} chunks end with a picture that was seen leaving`,
    );
  }
  all.sort((a, b) => a - b);
  const at = (share) => Math.round(all[Math.floor(share * (all.length - 1))]);
  return { medianMs: at(0.5), p95Ms: at(0.95), worstMs: at(1), chunks: all.length };
}
