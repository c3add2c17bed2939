import { gunzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIdentity } from "../identity.ts";
import type { IngestLimits } from "../limits.ts";
import { type Origin, OriginPoint } from "../origin.ts";
import { Publisher } from "../publisher.ts";
import { audioTrack, packagedChunk, videoTrack } from "../testing/packaged.ts";
import { problemsOf } from "./testing/check-playlist.ts";
import { parsePlaylist } from "./testing/parse-playlist.ts";

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
  base = `${url}/streams/${identity.streamId}/hls`;
  publisher.accept({ type: "track", track: videoTrack() });
}

beforeEach(() => start());
afterEach(() => app.close());

function publish(from: number, to: number): void {
  for (let sequence = from; sequence <= to; sequence++) {
    publisher.accept({ type: "chunk", chunk: packagedChunk("video", sequence) });
  }
}

const get = (path: string, init?: RequestInit) => fetch(`${base}${path}`, init);
const playlist = async (query = "") => {
  const response = await get(`/v0/playlist.m3u8${query}`);
  return { response, text: await response.text() };
};
/** Media sequence number of the segment that grows: 5 parts a segment. */
const openMsn = async () => {
  const { firstMsn, segments } = parsePlaylist((await playlist()).text);
  return firstMsn + segments.length;
};

describe("playlists over HTTP", () => {
  it("are what the standard calls a playlist, for a second in caches", async () => {
    publish(0, 12);
    const { response, text } = await playlist();
    expect(response.headers.get("content-type")).toBe("application/vnd.apple.mpegurl");
    expect(response.headers.get("cache-control")).toBe("public, max-age=0, s-maxage=1");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("vary")).toBe("accept-encoding");
    expect(problemsOf(text)).toEqual([]);
    const master = await get("/master.m3u8");
    expect(master.headers.get("content-type")).toBe("application/vnd.apple.mpegurl");
    expect(await master.text()).toContain("v0/playlist.m3u8");
  });

  it("are compressed for those that accept it, and only for those", async () => {
    publish(0, 12);
    const plain = await app.inject({ url: new URL(`${base}/v0/playlist.m3u8`).pathname });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const zipped = await app.inject({
      url: new URL(`${base}/v0/playlist.m3u8`).pathname,
      headers: { "accept-encoding": "gzip" },
    });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body);
  });

  it("of a stream that just begins are waited for", async () => {
    const master = get("/master.m3u8");
    const media = get("/v0/playlist.m3u8");
    await vi.waitUntil(() => origin.heldRequests === 2);
    publish(0, 5);
    expect((await master).status).toBe(200);
    expect((await media).status).toBe(200);
  });

  it("end when the stream does, whoever waits is told", async () => {
    publish(0, 7);
    const waiting = playlist(`?_HLS_msn=${await openMsn()}`);
    await vi.waitUntil(() => origin.heldRequests === 1);
    origin.end();
    expect((await waiting).text).toContain("#EXT-X-ENDLIST");
    expect((await playlist("?_HLS_msn=0&_HLS_part=99999")).response.status).toBe(200);
  });

  it("of tracks nobody has are not there", async () => {
    publish(0, 7);
    expect((await get("/v7/playlist.m3u8")).status).toBe(404);
    expect((await get("/a0/playlist.m3u8")).status).toBe(404);
  });
});

describe("reloads", () => {
  it("are answered when the part is there, and may then be kept", async () => {
    publish(0, 6);
    const reload = playlist(`?_HLS_msn=${await openMsn()}&_HLS_part=3`);
    await vi.waitUntil(() => origin.heldRequests === 1);
    publish(7, 7);
    expect(origin.heldRequests).toBe(1);
    publish(8, 8);
    const { response, text } = await reload;
    expect(response.headers.get("cache-control")).toBe("public, max-age=6");
    expect(parsePlaylist(text).openParts).toHaveLength(4);
    expect(origin.heldRequests).toBe(0);
  });

  it("beyond the last part of a segment wait for the first of the next", async () => {
    publish(0, 9);
    const reload = playlist(`?_HLS_msn=${await openMsn()}&_HLS_part=5`);
    await vi.waitUntil(() => origin.heldRequests === 1);
    publish(10, 10);
    expect(parsePlaylist((await reload).text).openParts).toHaveLength(1);
  });

  it("without a part wait for the whole segment", async () => {
    publish(0, 6);
    const msn = await openMsn();
    const reload = playlist(`?_HLS_msn=${msn}`);
    await vi.waitUntil(() => origin.heldRequests === 1);
    publish(7, 10);
    expect(parsePlaylist((await reload).text).segments.at(-1)?.msn).toBe(msn);
  });

  it.each([
    "?_HLS_part=1",
    "?_HLS_msn=x",
    "?_HLS_msn=-1",
    "?_HLS_msn=1&_HLS_part=1.5",
    "?_HLS_msn=1&_HLS_msn=2",
    "?_HLS_msn=99999999999999999999",
  ])("that make no sense are refused: %s", async (query) => {
    publish(0, 6);
    const { response } = await playlist(query);
    expect(response.status).toBe(400);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("too far ahead are refused at once", async () => {
    publish(0, 6);
    const msn = await openMsn();
    expect((await playlist(`?_HLS_msn=${msn + 3}`)).response.status).toBe(400);
    // 3 s of parts of 0.22 s are 14, after the one that is there.
    expect((await playlist(`?_HLS_msn=${msn}&_HLS_part=16`)).response.status).toBe(400);
    const held = playlist(`?_HLS_msn=${msn}&_HLS_part=15`);
    await vi.waitUntil(() => origin.heldRequests === 1);
    origin.close();
    await held;
  });

  it("end with 503 when nothing comes, and when too many wait", async () => {
    await app.close();
    await start({ reloadMs: 50, heldRequests: 1 });
    publish(0, 6);
    const msn = await openMsn();
    const held = playlist(`?_HLS_msn=${msn}&_HLS_part=4`);
    await vi.waitUntil(() => origin.heldRequests === 1);
    expect((await playlist(`?_HLS_msn=${msn}&_HLS_part=4`)).response.status).toBe(503);
    const { response } = await held;
    expect(response.status).toBe(503);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("of clients that went away are forgotten", async () => {
    publish(0, 6);
    const abort = new AbortController();
    const path = `/v0/playlist.m3u8?_HLS_msn=${await openMsn()}&_HLS_part=4`;
    const held = get(path, { signal: abort.signal });
    await vi.waitUntil(() => origin.heldRequests === 1);
    abort.abort();
    await expect(held).rejects.toThrow();
    await vi.waitUntil(() => origin.heldRequests === 0);
  });
});

describe("media over HTTP", () => {
  const segment = async () => parsePlaylist((await playlist()).text).segments[0]?.uri;

  it("has whole segments: the chunks one after another, for ever", async () => {
    publish(0, 12);
    const response = await get(`/v0/${await segment()}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe(IMMUTABLE);
    expect(response.headers.get("content-type")).toBe("video/mp4");
    const bytes = Buffer.from(await response.arrayBuffer());
    const chunks = [0, 1, 2, 3, 4].map((sequence) => packagedChunk("video", sequence).bytes);
    expect(Buffer.compare(bytes, Buffer.concat(chunks))).toBe(0);
  });

  it("answers HEAD, ranges and conditions", async () => {
    publish(0, 12);
    const path = `/v0/${await segment()}`;
    const head = await get(path, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "5000"]);
    const etag = head.headers.get("etag") ?? "";
    const part = await get(path, { headers: { range: "bytes=1000-1001" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 1000-1001/5000"]);
    expect([...new Uint8Array(await part.arrayBuffer())]).toEqual([1, 1]);
    const tail = await get(path, { headers: { range: "bytes=-1", "if-range": etag } });
    expect([...new Uint8Array(await tail.arrayBuffer())]).toEqual([4]);
    const beyond = await get(path, { headers: { range: "bytes=5000-" } });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */5000"]);
    const other = await get(path, { headers: { range: "bytes=0-1", "if-range": '"other"' } });
    expect(other.status).toBe(200);
    const same = await get(path, { headers: { "if-none-match": etag } });
    expect(same.status).toBe(304);
  });

  it("has only the segments there are", async () => {
    publish(0, 12);
    const [first = 0, last = 0] = (await segment())?.match(/\d+/g)?.map(Number) ?? [];
    for (const path of [`${first}-${last + 1}`, `${first + 1}-${last}`, "0-9999999999"]) {
      expect((await get(`/v0/${path}.m4s`)).status).toBe(404);
    }
  });

  it("has the init segment under the name the playlist gives", async () => {
    publish(0, 12);
    const name = parsePlaylist((await playlist()).text).segments[0]?.map;
    const response = await get(`/v0/${name}`);
    expect(response.headers.get("cache-control")).toBe(IMMUTABLE);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 1]);
    expect((await get("/v0/init-0000000000000000.mp4")).status).toBe(404);
  });

  it("holds a hinted part until it is made", async () => {
    publisher.accept({ type: "track", track: audioTrack() });
    publish(0, 6);
    const hint = parsePlaylist((await playlist()).text).hints[0]?.get("URI") ?? "";
    const url = new URL(hint.slice(1, -1), `${base}/v0/playlist.m3u8`);
    const part = fetch(url);
    await vi.waitUntil(() => origin.heldRequests === 1);
    publish(7, 7);
    const bytes = new Uint8Array(await (await part).arrayBuffer());
    expect(bytes).toEqual(packagedChunk("video", 7).bytes);
  });
});
