import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it, vi } from "vitest";
import { chunkBytes } from "../chunk-window.ts";
import { problemsOf } from "../hls/testing/check-playlist.ts";
import { parsePlaylist } from "../hls/testing/parse-playlist.ts";
import { createIdentity } from "../identity.ts";
import { type IngestLog, SILENT_INGEST_LOG } from "../ingest-log.ts";
import { OriginPoint } from "../origin.ts";
import { Publisher } from "../publisher.ts";
import { packagedChunk, videoTrack } from "../testing/packaged.ts";
import { type DvrOptions, DvrStore } from "./dvr-store.ts";

const log = SILENT_INGEST_LOG;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Partial<DvrOptions> = {}) {
  const dvr = new DvrStore({ spanMs: 120_000, log, ...options });
  closing.push(() => dvr.close());
  const limits = { windowMs: 10_000 };
  const publisher = new Publisher({ identity: createIdentity(), title: "", chunkMs: 200, limits });
  const app: FastifyInstance = Fastify({ forceCloseConnections: true });
  new OriginPoint(app).add(publisher, { dvr });
  closing.push(() => app.close());
  publisher.accept({ type: "track", track: videoTrack() });
  const base = `/streams/${publisher.streamId}`;
  const publish = (from: number, to: number) => {
    for (let sequence = from; sequence <= to; sequence++) {
      publisher.accept({ type: "chunk", chunk: packagedChunk("video", sequence) });
    }
    return (publisher.window.newest(0)?.sequence ?? 0) - to;
  };
  const playlist = async () => {
    const { body } = await app.inject(`${base}/hls/v0/playlist.m3u8`);
    return { body, ...parsePlaylist(body) };
  };
  return { dvr, publisher, app, base, publish, playlist };
}

describe("the DVR window", () => {
  it("serves old chunks and blocks by the addresses they had, from disk", async () => {
    const { app, base, publish, publisher, dvr } = await start();
    const first = publish(0, 20);
    const early = publisher.window.get(0, first + 3);
    const blocks = await app.inject(`${base}/tracks/v0/blocks/${first + 3}`);
    publish(21, 300);
    expect(publisher.window.get(0, first + 3)).toBeUndefined();
    await dvr.written();
    const chunk = await app.inject(`${base}/tracks/v0/chunks/${first + 3}.m4s`);
    expect(chunk.statusCode).toBe(200);
    expect(early && Buffer.compare(chunk.rawPayload, chunkBytes(early))).toBe(0);
    const later = await app.inject(`${base}/tracks/v0/blocks/${first + 3}`);
    expect(Buffer.compare(later.rawPayload, blocks.rawPayload)).toBe(0);
  });

  it("serves what is on its way to the disk just as well", async () => {
    const { publish, dvr } = await start();
    const first = publish(0, 100);
    expect((await dvr.find(0, first))?.sequence).toBe(first);
  });

  it("is listed by HLS as far back as it reaches, and no further", async () => {
    const { app, base, publish, playlist, dvr } = await start();
    publish(0, 550);
    await dvr.written();
    const early = await playlist();
    expect(problemsOf(early.body)).toEqual([]);
    expect(early.segments.length).toBe(110);
    const oldest = await app.inject(`${base}/hls/v0/${early.segments[0]?.uri}`);
    expect([oldest.statusCode, oldest.rawPayload.length]).toEqual([200, 5000]);
    publish(551, 1200);
    await dvr.written();
    const later = await playlist();
    expect(later.segments.length).toBeLessThanOrEqual(121);
    expect((await app.inject(`${base}/hls/v0/${later.segments[0]?.uri}`)).statusCode).toBe(200);
    expect((await app.inject(`${base}/hls/v0/${early.segments[0]?.uri}`)).statusCode).toBe(404);
  });

  it("is bounded in bytes, the oldest going first, and the playlist with it", async () => {
    const { publish, playlist, dvr } = await start({ maxBytes: 400_000 });
    publish(0, 900);
    await dvr.written();
    expect(dvr.sizeBytes).toBeLessThanOrEqual(400_000);
    const { segments, body } = await playlist();
    expect(problemsOf(body)).toEqual([]);
    expect(segments.length).toBeLessThan(100);
    expect(segments.length).toBeGreaterThan(40);
  });

  it("stops with one warning when the disk is full; the stream and its playlist go on", async () => {
    const warn = vi.fn<IngestLog["warn"]>();
    let left = 100_000;
    const openFile = async () => ({
      write: async (bytes: Uint8Array) => {
        left -= bytes.length;
        if (left < 0) throw new Error("ENOSPC: no space left on device, write");
        return { bytesWritten: bytes.length, buffer: bytes };
      },
      read: async () => ({ bytesRead: 0, buffer: Buffer.alloc(0) }),
      close: async () => {},
    });
    const { publish, playlist, dvr } = await start({
      log: { ...log, warn },
      openFile: openFile as never,
    });
    publish(0, 300);
    await dvr.written();
    publish(301, 600);
    expect(warn).toHaveBeenCalledTimes(1);
    const { segments } = await playlist();
    expect(segments.length).toBeLessThan(20);
  });

  it("leaves nothing behind", async () => {
    const { publish, dvr } = await start();
    publish(0, 100);
    await dvr.written();
    expect(dvr.sizeBytes).toBeGreaterThan(0);
    // Not even while it runs: a process that is killed cannot clean up.
    const named = async () =>
      (await readdir(tmpdir())).filter((name) => /^livemesh-dvr-/.test(name));
    await vi.waitUntil(async () => (await named()).length === 0);
  });
});
