import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createSource } from "../sources/create-source.ts";
import { SourceReader } from "../testing/source-reader.ts";
import { FfmpegSource } from "./ffmpeg-source.ts";
import { Encoder, hasFfmpeg, NEEDS_FFMPEG } from "./testing/real-ffmpeg.ts";
import { startRtspCamera } from "./testing/rtsp-camera.ts";

const folder = mkdtempSync(path.join(tmpdir(), "livemesh-ffmpeg-"));
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function open(source: ReturnType<typeof createSource>): SourceReader {
  const reader = new SourceReader(source);
  closing.push(() => reader.abort());
  return reader;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

const SILENT_LOG = ["-hide_banner", "-nostdin", "-loglevel", "debug"];

async function isMpegTs(reader: SourceReader): Promise<boolean> {
  const bytes = await reader.bytes(188 * 7);
  return bytes[0] === 0x47 && bytes[188] === 0x47;
}

describe.skipIf(!hasFfmpeg)(`with a real ffmpeg${NEEDS_FFMPEG}`, () => {
  it("waits for SRT encoders, one after the other", async () => {
    const address = `srt://127.0.0.1:${await freeUdpPort()}`;
    const reader = open(createSource(`${address}?mode=listener`));
    expect(await reader.next()).toEqual({
      type: "waiting",
      message: `waiting for an encoder on ${address}`,
    });
    for (let round = 0; round < 2; round++) {
      const next = reader.next();
      // Nobody knows when ffmpeg listens: an SRT caller tries for some seconds.
      const encoder = new Encoder("-f", "mpegts", `${address}?connect_timeout=15000`);
      closing.push(() => encoder.kill());
      expect(await next).toMatchObject({ type: "start" });
      expect(await isMpegTs(reader)).toBe(true);
      await encoder.stop();
      let event = await reader.next();
      while (event?.type === "bytes") event = await reader.next();
      expect(event).toMatchObject({ type: "end" });
    }
  });

  it("does not let an SRT caller that sends nothing keep the others out", async () => {
    const address = `srt://127.0.0.1:${await freeUdpPort()}`;
    const reader = open(createSource(`${address}?mode=listener&timeout=500000`));
    await reader.expect("waiting");
    const next = reader.expect("warning");
    // Its first picture is due in minutes.
    const late = ["-re", "-f", "lavfi", "-i", "testsrc=rate=1/100,trim=start_frame=5"];
    const silent = spawn("ffmpeg", [
      ...SILENT_LOG,
      ...late,
      "-f",
      "mpegts",
      `${address}?connect_timeout=15000`,
    ]);
    closing.push(() => silent.kill("SIGKILL"));
    let said = "";
    silent.stderr.on("data", (text) => {
      said += text;
    });
    // Of its input, and then of its connection.
    await vi.waitUntil(() => said.split("Successfully opened").length > 2, { timeout: 20_000 });
    const encoder = new Encoder("-f", "mpegts", `${address}?connect_timeout=20000`);
    closing.push(() => encoder.kill());
    expect((await next).message).toMatch(/timed out/);
    await reader.expect("start");
    expect(await isMpegTs(reader)).toBe(true);
  }, 60_000);

  it("says which SRT port is taken", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    closing.push(() => socket.close());
    const address = `srt://127.0.0.1:${socket.address().port}`;
    const reader = open(createSource(`${address}?mode=listener&passphrase=0123456789`));
    await expect(reader.next()).rejects.toMatchObject({
      code: "port-in-use",
      message: `cannot listen on ${address}: port in use`,
    });
  });

  it("plays what a camera sends over RTSP", async () => {
    const camera = await startRtspCamera();
    closing.push(() => camera.close());
    const reader = open(createSource(camera.url));
    expect(await reader.next()).toMatchObject({ type: "start" });
    expect(await isMpegTs(reader)).toBe(true);
  });

  it("plays an HLS playlist, which may not name files of this machine", async () => {
    const files: Record<string, string | Buffer> = {
      "/bad.m3u8": `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://${folder}/live0.ts\n#EXT-X-ENDLIST\n`,
    };
    const encoder = new Encoder("-t", "3", "-f", "hls", path.join(folder, "live.m3u8"));
    await encoder.ended;
    for (const name of readdirSync(folder))
      files[`/${name}`] = readFileSync(path.join(folder, name));
    const server = createServer((request, response) => {
      const body = files[request.url ?? ""];
      response.writeHead(body === undefined ? 404 : 200).end(body);
    }).listen(0, "127.0.0.1");
    closing.push(() => server.close());
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reader = open(createSource(`${url}/live.m3u8`));
    await reader.expect("start");
    expect(await isMpegTs(reader)).toBe(true);
    const bad = open(createSource(`${url}/bad.m3u8`));
    expect((await bad.next())?.type).toBe("warning");
  });

  it("says once, in one line and without secrets, what it cannot open", async () => {
    const input = "ffmpeg:http://joe:s3cret@127.0.0.1:1/x.mkv";
    const { message } = await open(createSource(input)).expect("warning");
    expect(message).toMatch(/^ffmpeg:http:\/\/joe:\*\*\*@127\.0\.0\.1:1\/x\.mkv: .+; trying again/);
    expect(message).not.toMatch(/s3cret|\n/);
    const text = path.join(folder, "text.mkv");
    writeFileSync(text, "this is no media\n".repeat(100));
    const other = await open(createSource(`ffmpeg:${text}`)).expect("warning");
    expect(other.message).toMatch(/Invalid data found/);
  });
});

it.each([
  ["srt://127.0.0.1", "srt://HOST:PORT"],
  ["rtmp://127.0.0.1:1935/live", "rtmp://HOST:PORT/APP/KEY"],
  ["rtsp://", "rtsp://HOST/PATH"],
  ["v4l2:", "v4l2:DEVICE[+alsa:DEVICE]"],
  ["v4l2:/dev/video0+alsa:", "v4l2:DEVICE[+alsa:DEVICE]"],
  ["v4l2:/dev/video0+alsa:-f", "v4l2:DEVICE[+alsa:DEVICE]"],
  ["alsa:-f", "alsa:DEVICE"],
  ["ffmpeg:-i", "ffmpeg:INPUT"],
])("refuses %s, and says what is needed", (input, form) => {
  expect(() => createSource(input)).toThrow(`; needed is ${form}`);
});

describe.skipIf(process.platform === "win32")("an ffmpeg that misbehaves", () => {
  function script(name: string, body: string): string {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it("is asked for camera and microphone as one input", async () => {
    const args = path.join(folder, "args");
    const recording = script(
      "recording",
      `[ "$1" = -version ] && { echo "ffmpeg version 6.0"; exit; }
echo "$@" > ${args}; echo media; exec sleep 30`,
    );
    const reader = open(createSource("v4l2:/dev/video0+alsa:hw:1,0", { ffmpeg: recording }));
    await reader.expect("start");
    const said = readFileSync(args, "utf8");
    expect(said).toMatch(/-f v4l2 -i \/dev\/video0 .*-f alsa -i hw:1,0 -c:v libx264.* -c:a aac/);
  });

  const quick = { minDelayMs: 1, maxDelayMs: 2 };
  const command = (path: string) => ({ path, input: ["-i", "x"], secrets: [] });

  it("is killed when it does not end by itself", async () => {
    const pidFile = path.join(folder, "pid");
    const stubborn = script(
      "stubborn",
      `trap "" TERM; echo $$ > ${pidFile}; echo media; exec 2>&-
while true; do sleep 0.05; done`,
    );
    const reader = open(new FfmpegSource("x", command(stubborn), quick));
    await reader.expect("start");
    await reader.bytes(6);
    await reader.abort();
    const pid = Number(readFileSync(pidFile, "utf8"));
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it("is given up when it hangs, and started again", async () => {
    const hanging = script("hanging", "echo media; exec sleep 30");
    const reader = open(new FfmpegSource("x", command(hanging), { ...quick, silenceMs: 100 }));
    for (let round = 0; round < 2; round++) {
      await reader.expect("start");
      await reader.bytes(6);
      expect(await reader.next()).toEqual({ type: "end", reason: "nothing came for 0.1 s" });
    }
  });

  it("is told of by its last word, once, however often it fails", async () => {
    const runs = path.join(folder, "runs");
    const failing = script("failing", `echo run >> ${runs}; echo "[error] no luck" >&2; exit 1`);
    const reader = open(new FfmpegSource("x", command(failing), quick));
    expect(await reader.next()).toEqual({
      type: "warning",
      message: "x: no luck; trying again until it is there",
    });
    const next = reader.next();
    await vi.waitUntil(() => readFileSync(runs, "utf8").length > 12);
    reader.abortOnly();
    expect(await next).toBeUndefined();
  });

  it("is no disaster when it cannot be started", async () => {
    const reader = open(new FfmpegSource("x", command(path.join(folder, "none")), quick));
    expect((await reader.expect("warning")).message).toContain("ENOENT");
  });
});
