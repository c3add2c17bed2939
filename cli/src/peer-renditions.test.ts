import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parseLadder } from "#ingest";
import { HeadlessPeer, type HeadlessPeerOptions, SILENT_PEER_LOG } from "#node-peer";
import { startServer } from "./serve-command.ts";
import { singleStream } from "./testing/single-stream.ts";

const hasFfmpeg = spawnSync("ffprobe", ["-version"]).status === 0;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serveLadder(folder: string): Promise<string> {
  const options = singleStream(folder, "test://pattern");
  const transcode = parseLadder("180p:300k,90p:60k,audio:64k");
  const streams = options.streams.map(({ name, settings }) => ({
    name,
    settings: { ...settings, transcode },
  }));
  const server = await startServer({ ...options, streams, graceSec: 60 });
  closing.push(() => server.close());
  const id = server.streams.reports[0]?.streamId;
  const base = `http://127.0.0.1:${server.port}`;
  // Its rates are known then, and with them what is the best.
  await vi.waitUntil(
    async () => {
      const streams = (await (await fetch(`${base}/api/streams`)).json()) as {
        tracks: { bitrateBps: number }[];
      }[];
      const tracks = streams[0]?.tracks ?? [];
      return tracks.length === 3 && tracks.every(({ bitrateBps }) => bitrateBps > 0);
    },
    { timeout: 20_000, interval: 200 },
  );
  return `${base}/watch/${id}`;
}

/** What ffprobe finds in 2 s of what the peer gives to players: lines of pictures, and codecs. */
async function given(watchUrl: string, wishes: Partial<HeadlessPeerOptions>): Promise<string[]> {
  const peer = await HeadlessPeer.start({
    watchUrl,
    port: 0,
    ip: "127.0.0.1",
    uploadBps: 10e6,
    latencyMs: 1000,
    isRelay: false,
    outputs: [],
    streaming: { host: "127.0.0.1", port: 0 },
    log: SILENT_PEER_LOG,
    ...wishes,
  });
  closing.push(() => peer.close());
  await vi.waitUntil(() => peer.stats.chunks.delivered > 10, { timeout: 15_000 });
  const response = await fetch(`http://127.0.0.1:${peer.streamingPort}/stream.ts`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of response.body ?? []) {
    parts.push(bytes);
    size += bytes.length;
    if (size > 60_000) break;
  }
  const entries = ["-show_entries", "stream=codec_name,height", "-of", "csv=p=0"];
  const args = ["-v", "error", "-f", "mpegts", ...entries, "pipe:0"];
  const { stdout } = spawnSync("ffprobe", args, { input: Buffer.concat(parts), encoding: "utf8" });
  return [...new Set(stdout.split("\n").filter(Boolean))].sort();
}

describe.skipIf(!hasFfmpeg)(
  `a headless peer of a stream with renditions${hasFfmpeg ? "" : " (skipped: no ffmpeg)"}`,
  () => {
    it("gives players the one it was told to take, or the best", { timeout: 60_000 }, async () => {
      const folder = await mkdtemp(join(tmpdir(), "livemesh-renditions-"));
      closing.push(() => rm(folder, { recursive: true }));
      const watchUrl = await serveLadder(folder);
      const [best, named, cheap, sound] = await Promise.all([
        given(watchUrl, {}),
        given(watchUrl, { track: "v1" }),
        given(watchUrl, { maxBitrateBps: 250_000 }),
        given(watchUrl, { track: "a0" }),
      ]);
      expect(best).toEqual(["aac", "h264,180"]);
      expect(named).toEqual(["aac", "h264,90"]);
      expect(cheap).toEqual(["aac", "h264,90"]);
      expect(sound).toEqual(["aac"]);
    });
  },
);
