import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { decodeBlock, decodeBundle, type SignedDescriptor } from "#protocol";
import { createIdentity } from "./identity.ts";
import type { IngestLimits } from "./limits.ts";
import { type Origin, OriginPoint } from "./origin.ts";
import { Publisher } from "./publisher.ts";
import { audioTrack, packagedChunk, videoTrack } from "./testing/packaged.ts";

const identity = createIdentity();
const IMMUTABLE = "public, max-age=31536000, immutable";

let publisher: Publisher;
let origin: Origin;
let app: FastifyInstance;
let base: string;

async function start(limits: Partial<IngestLimits> = {}): Promise<void> {
  publisher = new Publisher({ identity, title: "Test", chunkMs: 200, limits });
  app = Fastify({ forceCloseConnections: true });
  origin = new OriginPoint(app).add(publisher);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  base = `${url}/streams/${identity.streamId}`;
}

beforeEach(() => start());
afterEach(() => app.close());

function publish(kind: "video" | "audio", sequence: number, change = {}): number {
  publisher.accept({ type: "chunk", chunk: packagedChunk(kind, sequence, change) });
  return publisher.window.newest(publisher.track(kind === "video" ? "v0" : "a0")?.index ?? 0)
    ?.sequence as number;
}

function goLive(): void {
  publisher.accept({ type: "track", track: videoTrack() });
  publisher.accept({ type: "track", track: audioTrack() });
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function join(query = "") {
  const response = await fetch(`${base}/join${query}`);
  const [first, ...rest] = decodeBundle(await bytesOf(response));
  const signed = JSON.parse(new TextDecoder().decode(first)) as SignedDescriptor;
  return { response, signed, blocks: rest.map(decodeBlock) };
}

describe("origin", () => {
  it("serves the signed descriptor, to be asked for anew each time", async () => {
    const response = await fetch(`${base}/descriptor`);
    expect(await response.json()).toEqual(publisher.signed);
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  // Versions of an ingest that is started anew count from 0 again: caches kept the init segments of
  // the run before for a year.
  it("has caches ask whether an init segment still is what it was", async () => {
    goLive();
    publish("video", 0);
    for (const [path, init] of [
      ["/tracks/v0/init/1.mp4", Uint8Array.of(1, 2, 1)],
      ["/tracks/a0/init/1.mp4", Uint8Array.of(3, 4, 1)],
    ] as const) {
      const response = await fetch(base + path);
      expect(response.status).toBe(200);
      expect(response.headers.get("cache-control")).toBe("no-cache");
      expect(await bytesOf(response)).toEqual(init);
      const etag = response.headers.get("etag") ?? "";
      const ask = (known: string) =>
        fetch(base + path, { headers: { "if-none-match": known }, cache: "no-store" });
      expect((await ask(etag)).status).toBe(304);
      // What had the same version in another run.
      expect((await ask('"1"')).status).toBe(200);
    }
  });

  it("serves chunks, blocks and single blocks for ever", async () => {
    goLive();
    const sequence = publish("video", 0, { sizeBytes: 20_000 });
    const chunk = publisher.window.get(0, sequence);
    const blocks = chunk?.blocks.map(({ bytes }) => bytes) ?? [];
    const paths: [string, string, Uint8Array | undefined][] = [
      [`/tracks/v0/chunks/${sequence}.m4s`, "video/mp4", new Uint8Array(20_000)],
      [`/tracks/v0/blocks/${sequence}/1`, "application/octet-stream", blocks[1]],
    ];
    for (const [path, type, bytes] of paths) {
      const response = await fetch(base + path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get("cache-control")).toBe(IMMUTABLE);
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(Buffer.compare(await bytesOf(response), bytes ?? new Uint8Array())).toBe(0);
    }
    const response = await fetch(`${base}/tracks/v0/blocks/${sequence}`);
    expect(response.headers.get("cache-control")).toBe(IMMUTABLE);
    expect(decodeBundle(await bytesOf(response)).map((bytes) => [...bytes])).toEqual(
      blocks.map((bytes) => [...bytes]),
    );
  });

  it.each([
    "/tracks/v0/init/9.mp4",
    "/tracks/v0/chunks/99.m4s",
    "/tracks/v0/blocks/99",
    "/tracks/v0/blocks/99/0",
    "/tracks/v9/blocks/99",
    "/tracks/v0/blocks/not-a-number",
    "/tracks/v0/blocks/99999999999999999999",
  ])("answers 404 for %s, not to be remembered", async (path) => {
    goLive();
    publish("video", 0);
    const response = await fetch(base + path);
    expect(response.status).toBe(404);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toMatchObject({ error: { code: expect.any(String) } });
  });

  it("answers 404 for streams of others", async () => {
    const other = base.replace(identity.streamId, createIdentity().streamId);
    const response = await fetch(`${other}/join`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "unknown-stream" } });
  });

  it("counts the bytes of what it served, and not of errors", async () => {
    goLive();
    const sequence = publish("video", 0, { sizeBytes: 5000 });
    await fetch(`${base}/tracks/v0/chunks/${sequence}.m4s`);
    await fetch(`${base}/tracks/v0/chunks/1.m4s`);
    await fetch(`${base}/tracks/v0/chunks/${sequence}.m4s`, { method: "HEAD" });
    await vi.waitUntil(() => origin.sentBytes === 5000);
  });
});

describe("held requests", () => {
  it("for a chunk about to be made are answered when it is", async () => {
    goLive();
    const next = publish("video", 0) + 2;
    const answer = fetch(`${base}/tracks/v0/blocks/${next}`);
    await vi.waitUntil(() => origin.heldRequests === 1);
    publish("video", 1);
    expect(origin.heldRequests).toBe(1);
    publish("video", 2);
    const [block] = decodeBundle(await bytesOf(await answer)).map(decodeBlock);
    expect(block?.sequence).toBe(next);
    expect(origin.heldRequests).toBe(0);
  });

  it("reach three seconds beyond the live edge and no further", async () => {
    goLive();
    const edge = publish("video", 0);
    expect((await fetch(`${base}/tracks/v0/blocks/${edge + 16}`)).status).toBe(404);
    const held = fetch(`${base}/tracks/v0/blocks/${edge + 15}`);
    await vi.waitUntil(() => origin.heldRequests === 1);
    origin.close();
    expect((await held).status).toBe(404);
  });

  it("end when the chunk does not come", async () => {
    await app.close();
    await start({ heldMs: 50 });
    goLive();
    const edge = publish("video", 0);
    const response = await fetch(`${base}/tracks/v0/blocks/${edge + 1}`);
    expect(response.status).toBe(404);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("are bounded in number, and given up when the client goes away", async () => {
    await app.close();
    await start({ heldRequests: 1 });
    goLive();
    const edge = publish("video", 0);
    const abort = new AbortController();
    const held = fetch(`${base}/tracks/v0/blocks/${edge + 1}`, { signal: abort.signal });
    await vi.waitUntil(() => origin.heldRequests === 1);
    expect((await fetch(`${base}/tracks/v0/blocks/${edge + 1}`)).status).toBe(503);
    abort.abort();
    await expect(held).rejects.toThrow();
    await vi.waitUntil(() => origin.heldRequests === 0);
  });
});

describe("join", () => {
  it("starts at the newest key frame with 400 ms behind it, with the sound that belongs to it", async () => {
    goLive();
    for (let sequence = 0; sequence <= 7; sequence++) {
      publish("video", sequence);
      publish("audio", sequence, { mediaTimeMs: sequence * 200 - 30 });
    }
    const { response, signed, blocks } = await join();
    expect(response.headers.get("cache-control")).toBe("public, max-age=0, s-maxage=1");
    expect(signed).toEqual(publisher.signed);
    const first = (publisher.window.newest(0)?.sequence ?? 0) - 7;
    const media = blocks.map(({ track, sequence }) => `${track}:${sequence - first}`);
    // Audio 5 starts 30 ms before the picture and is still playing then.
    expect(media).toEqual(["1:5", "0:5", "1:6", "0:6", "1:7", "0:7"]);
    expect(blocks.find(({ track }) => track === 0)?.isIndependent).toBe(true);
  });

  it("takes the key frame before when the newest has too little behind it", async () => {
    goLive();
    for (let sequence = 0; sequence <= 5; sequence++) publish("video", sequence);
    expect((await join()).blocks).toHaveLength(6);
    publish("video", 6);
    expect((await join()).blocks).toHaveLength(2);
  });

  it("takes what there is at the very beginning", async () => {
    goLive();
    publish("video", 0);
    expect((await join()).blocks).toHaveLength(1);
  });

  it("works for sound alone", async () => {
    publisher.accept({ type: "track", track: audioTrack() });
    for (let sequence = 0; sequence <= 5; sequence++) publish("audio", sequence);
    expect((await join()).blocks).toHaveLength(2);
  });

  it("has only the descriptor before the first chunk and while no encoder is there", async () => {
    expect((await join()).blocks).toEqual([]);
    goLive();
    for (let sequence = 0; sequence <= 5; sequence++) publish("video", sequence);
    publisher.encoderGone();
    const { signed, blocks } = await join();
    expect(blocks).toEqual([]);
    expect(JSON.parse(signed.body)).toMatchObject({ isLive: false });
  });

  it("lets newcomers begin with the rendition they name, or a modest one, and all sound", async () => {
    for (const [rendition, height] of [1080, 480, 240].entries()) {
      publisher.accept({ type: "track", track: { ...videoTrack(), height, rendition } });
      publish("video", 0, { rendition });
    }
    publisher.accept({ type: "track", track: audioTrack() });
    publish("audio", 0);
    const tracksOf = async (query: string) =>
      (await join(query)).blocks.map(({ track }) => publisher.descriptor.tracks[track]?.id);
    expect(await tracksOf("?video=v0")).toEqual(["v0", "a0"]);
    expect(await tracksOf("?video=v2")).toEqual(["v2", "a0"]);
    expect(await tracksOf("?video=none")).toEqual(["a0"]);
    for (const query of ["", "?video=v9", "?video=a0", "?video=v0&video=v2"]) {
      expect([query, await tracksOf(query)]).toEqual([query, ["v1", "a0"]]);
    }
  });
});
