import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIdentity } from "../identity.ts";
import { type IngestLog, SILENT_INGEST_LOG } from "../ingest-log.ts";
import { packagedEvents, systemClock } from "../packaged-events.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import { Publisher } from "../publisher.ts";
import { clipPath } from "../sources/clip-path.ts";
import { createSource } from "../sources/create-source.ts";
import type { RecordLimit } from "./limit.ts";
import { startRecorder } from "./recorder.ts";

const run = promisify(execFile);
const hasFfprobe = works("ffprobe");

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "livemesh-record-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function works(program: string): boolean {
  try {
    execFileSync(program, ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function newPublisher(): Publisher {
  return new Publisher({ identity: createIdentity(), title: "Test", chunkMs: 200 });
}

/** The built-in clip, as fast as it can be read. */
async function publishClip(publisher: Publisher, chunks: number, loop = false): Promise<void> {
  const clock = { nowMs: systemClock.nowMs, sleep: async () => {} };
  const abort = new AbortController();
  const source = createSource("test://pattern", { loop });
  const packager = new TsPackager({ chunkMs: 200 });
  for await (const event of packagedEvents(source, packager, { clock, signal: abort.signal })) {
    if (event.type === "track" || event.type === "chunk") publisher.accept(event);
    if (publisher.counts.chunks >= chunks) break;
  }
}

/** Streams and frames of a file; throws on any line of error. */
async function probe(path: string): Promise<{ kinds: string[]; seconds: number }> {
  const wanted = ["-show_entries", "stream=codec_type:packet=pts_time", "-of", "json"];
  const { stdout, stderr } = await run("ffprobe", ["-v", "error", ...wanted, path]);
  expect(stderr).toBe("");
  const { streams, packets } = JSON.parse(stdout) as {
    streams: { codec_type: string }[];
    packets: { pts_time: string }[];
  };
  const times = packets.map(({ pts_time }) => Number(pts_time));
  return {
    kinds: streams.map(({ codec_type }) => codec_type),
    seconds: Math.max(...times) - Math.min(...times),
  };
}

const mp4s = async () => (await readdir(directory)).filter((name) => name.endsWith(".mp4")).sort();

describe("a recording", () => {
  it.runIf(hasFfprobe)("is a file of each track and one of all, which play", async () => {
    const publisher = newPublisher();
    const recorder = await startRecorder({ publisher, directory, log: SILENT_INGEST_LOG });
    await publishClip(publisher, 60);
    await recorder.close();
    const names = await mp4s();
    expect(names).toHaveLength(3);
    const [all = "", audio = "", video = ""] = [
      names.find((name) => !/-[av]0\.mp4$/.test(name)),
      names.find((name) => name.endsWith("-a0.mp4")),
      names.find((name) => name.endsWith("-v0.mp4")),
    ];
    const [both, sound, picture] = await Promise.all(
      [all, audio, video].map((name) => probe(join(directory, name))),
    );
    expect(both?.kinds.sort()).toEqual(["audio", "video"]);
    expect([sound?.kinds, picture?.kinds]).toEqual([["audio"], ["video"]]);
    expect(picture?.seconds).toBeGreaterThan(5);
    expect(both?.seconds).toBeGreaterThan(5);
    const decode = ["-v", "error", "-i", join(directory, all), "-f", "null", "-"];
    expect((await run("ffmpeg", decode)).stderr).toBe("");
  });

  it.runIf(hasFfprobe)("of several renditions has each, and the best with the sound", async () => {
    const publisher = newPublisher();
    const recorder = await startRecorder({ publisher, directory, log: SILENT_INGEST_LOG });
    // The clip twice: its picture as the lesser rendition, which comes first, and as the best.
    const packager = new TsPackager({ chunkMs: 200 });
    for (const event of packager.push(readFileSync(clipPath()).subarray(0, 400_000), 1)) {
      if (event.type === "track" && event.track.kind === "video") {
        publisher.accept({ ...event, track: { ...event.track, rendition: 1 } });
      } else if (event.type === "chunk" && event.chunk.kind === "video") {
        publisher.accept({ ...event, chunk: { ...event.chunk, rendition: 1 } });
      }
      publisher.accept(event);
    }
    await recorder.close();
    const names = (await mp4s()).slice(-4);
    const kinds = async (end: string) =>
      (await probe(join(directory, names.find((name) => name.endsWith(end)) ?? ""))).kinds.sort();
    expect(await kinds("-v0.mp4")).toEqual(["video"]);
    expect(await kinds("-v1.mp4")).toEqual(["video"]);
    expect(await kinds("-a0.mp4")).toEqual(["audio"]);
    const together = names.find((name) => !/-[va]\d\.mp4$/.test(name)) ?? "";
    expect((await probe(join(directory, together))).kinds.sort()).toEqual(["audio", "video"]);
  });

  it("stays below its limit, the oldest files going first", async () => {
    const publisher = newPublisher();
    const limit: RecordLimit = { maxBytes: 1_500_000, maxAgeMs: Number.POSITIVE_INFINITY };
    const recorder = await startRecorder({ publisher, directory, limit, log: SILENT_INGEST_LOG });
    await publishClip(publisher, 300, true);
    await recorder.close();
    const names = await mp4s();
    const sizes = await Promise.all(names.map((name) => stat(join(directory, name))));
    const sizeBytes = sizes.reduce((sum, { size }) => sum + size, 0);
    expect(sizeBytes).toBeLessThanOrEqual(limit.maxBytes);
    expect(sizeBytes).toBeGreaterThan(limit.maxBytes / 2);
  });

  it("stops with one warning when the disk is full, and the stream goes on", async () => {
    const publisher = newPublisher();
    const warn = vi.fn<IngestLog["warn"]>();
    let left = 200_000;
    const openFile = async () => ({
      async write(bytes: Uint8Array) {
        left -= bytes.length;
        if (left < 0) throw new Error("ENOSPC: no space left on device, write");
        return { bytesWritten: bytes.length, buffer: bytes };
      },
      close: async () => {},
    });
    const log = { ...SILENT_INGEST_LOG, warn };
    const recorder = await startRecorder({
      publisher,
      directory,
      log,
      openFile: openFile as never,
    });
    await publishClip(publisher, 90);
    await recorder.close();
    expect(publisher.counts.chunks).toBe(90);
    expect(warn.mock.calls.map(([, message]) => message)).toEqual([
      "recording stopped: ENOSPC: no space left on device, write; the stream goes on",
    ]);
  });

  it.runIf(process.getuid?.() === 0 && process.platform === "linux")(
    "stops with one warning on a full file system, too, and what was written plays",
    async ({ skip }) => {
      const small = join(directory, "small");
      await mkdir(small);
      try {
        await run("mount", ["-t", "tmpfs", "-o", "size=500k", "tmpfs", small]);
      } catch {
        return skip("this root may not mount");
      }
      try {
        const publisher = newPublisher();
        const warn = vi.fn<IngestLog["warn"]>();
        const log = { ...SILENT_INGEST_LOG, warn };
        const recorder = await startRecorder({ publisher, directory: small, log });
        await publishClip(publisher, 90);
        await recorder.close();
        expect(warn).toHaveBeenCalledTimes(1);
        const video = (await readdir(small)).find((name) => name.endsWith("-v0.mp4")) ?? "";
        if (hasFfprobe)
          expect((await run("ffprobe", [join(small, video)])).stderr).toContain("h264");
      } finally {
        await run("umount", [small]);
      }
    },
  );

  it("says in one line when the directory cannot be had", async () => {
    const publisher = newPublisher();
    const options = { publisher, directory: "/dev/null/x", log: SILENT_INGEST_LOG };
    await expect(startRecorder(options)).rejects.toThrow(
      /^cannot record to \/dev\/null\/x: .*--record$/,
    );
  });
});
