import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { HeadlessPeer, SILENT_PEER_LOG } from "#node-peer";
import { ensureTool } from "../../scripts/ensure-tool.mjs";
import { startServer } from "./serve-command.ts";
import { singleStream } from "./testing/single-stream.ts";

const hasFfplay = spawnSync("ffplay", ["-version"]).status === 0;
const gstLaunch = ensureTool("gst-launch-1.0");
const SECONDS = 10;
/** Ten seconds of the clip: frames of 25 a second, and of 1024 samples at 48 kHz. */
const PICTURES = 250;
const SOUNDS = 468;
/** Ten seconds of play, and the starts of all players at once on a busy machine. */
const WITHIN_MS = 60_000;

const closing: (() => Promise<unknown> | unknown)[] = [];
let port: number;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "livemesh-players-"));
  closing.push(() => rm(folder, { recursive: true }));
  const server = await startServer({ ...singleStream(folder), graceSec: 60 });
  closing.push(() => server.close());
  const peer = await HeadlessPeer.start({
    watchUrl: `http://127.0.0.1:${server.port}/watch/${server.streams.reports[0]?.streamId}`,
    port: 0,
    ip: "127.0.0.1",
    uploadBps: 10e6,
    latencyMs: 2000,
    isRelay: false,
    outputs: [],
    streaming: { host: "127.0.0.1", port: 0 },
    log: SILENT_PEER_LOG,
  });
  closing.push(() => peer.close());
  // The playlist is there with its first whole segment.
  await vi.waitUntil(() => peer.stats.chunks.delivered > 40, { timeout: 30_000 });
  port = peer.streamingPort as number;
}, 60_000);

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** What a player says while it plays, and how it ends; `isEnough` of that ends it. */
async function play(
  program: string,
  args: readonly string[],
  isEnough: (said: string) => boolean = () => false,
) {
  const env = { ...process.env, SDL_VIDEODRIVER: "dummy", SDL_AUDIODRIVER: "dummy" };
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  closing.unshift(() => child.kill("SIGKILL"));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      said += text;
      if (isEnough(said)) child.kill("SIGKILL");
    });
  }
  const [code, signal] = await once(child, "close");
  return { ended: code ?? signal, said };
}

/** ffplay's clock, again and again on one line: `   7.31 A-V: -0.012 fd=   0 aq=   12KB …`. */
const CLOCK = /^ *(-?[\d.]+|nan) +([AM]-[AV])? *:.* fd=.*$/;

/** How long ffplay has played, in s, and what it said besides. */
function heardFrom(ffplay: string): { playedSec: number; complaints: string[] } {
  const lines = ffplay.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const times = lines.map((line) => Number(CLOCK.exec(line)?.[1])).filter(Number.isFinite);
  const playedSec = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return { playedSec, complaints: lines.filter((line) => !CLOCK.test(line)) };
}

describe.skipIf(!hasFfplay)(`ffplay${hasFfplay ? "" : " (skipped: install ffmpeg)"}`, () => {
  it.concurrent.each([
    ["/stream.ts", "http"],
    ["/stream.mp4", "http"],
    ["/index.m3u8", "http"],
    ["", "tcp"],
  ])(
    "decodes ten seconds of %s (%s) without a word",
    async (path, scheme) => {
      const url = `${scheme}://127.0.0.1:${port}${path}`;
      const args = ["-v", "error", "-stats", url];
      const { said } = await play("ffplay", args, (text) => heardFrom(text).playedSec >= SECONDS);
      expect(heardFrom(said).complaints).toEqual([]);
      expect(heardFrom(said).playedSec).toBeGreaterThanOrEqual(SECONDS);
    },
    WITHIN_MS,
  );
});

describe.skipIf(gstLaunch === undefined)(
  `GStreamer${gstLaunch === undefined ? " (skipped: install gstreamer1.0-tools and plugins)" : ""}`,
  () => {
    it.concurrent.each([
      ["pictures", ["h264parse", "avdec_h264"], PICTURES],
      ["sound", ["aacparse", "avdec_aac"], SOUNDS],
    ])(
      "decodes ten seconds of %s from tcp without a word",
      async (_, decoder, frames) => {
        const elements = [
          ["tcpclientsrc", "host=127.0.0.1", `port=${port}`],
          ["tsdemux"],
          ...decoder.map((name) => [name]),
          ["identity", `eos-after=${frames}`],
          ["fakesink", "sync=true"],
        ];
        const pipeline = elements.flatMap((element, index) =>
          index === 0 ? element : ["!", ...element],
        );
        const played = await play(gstLaunch as string, ["-q", ...pipeline]);
        expect(played).toEqual({ ended: 0, said: "" });
      },
      WITHIN_MS,
    );
  },
);
