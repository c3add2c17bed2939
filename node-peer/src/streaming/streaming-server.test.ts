import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SILENT_PEER_LOG } from "../peer-log.ts";
import type { Piece } from "../restream/piece.ts";
import { Restreamer } from "../restream/restreamer.ts";
import { until } from "../testing/until.ts";
import { StreamingServer } from "./streaming-server.ts";

let restreamer: Restreamer;
let server: StreamingServer;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  restreamer = new Restreamer(SILENT_PEER_LOG);
  server = await listen(0);
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

function listen(port: number): Promise<StreamingServer> {
  return StreamingServer.listen({ host: "127.0.0.1", port, restreamer, log: SILENT_PEER_LOG });
}

/** Piece `n`, recognizable by its only byte value. */
function piece(n: number, isEntry: boolean, sizeBytes = 4): Piece {
  return { bytes: new Uint8Array(sizeBytes).fill(n), isEntry, startMs: n * 1000 };
}

function tcp(firstWords?: string) {
  const socket = connect(server.port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  const received: Buffer[] = [];
  socket.on("data", (bytes) => received.push(bytes));
  if (firstWords !== undefined) socket.write(firstWords);
  return { socket, text: () => Buffer.concat(received).toString("latin1") };
}

const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
const get = (path: string, init?: RequestInit) => fetch(url(path), init);

async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  const abort = new AbortController();
  const reader = (await get(path, { signal: abort.signal })).body?.getReader();
  let bytes = new Uint8Array();
  while (bytes.length < count) {
    const { value } = (await reader?.read()) ?? {};
    if (value === undefined) break;
    bytes = new Uint8Array([...bytes, ...value]);
  }
  abort.abort();
  return bytes;
}

describe("the streaming server", () => {
  it("lets everybody begin at the last key frame, over HTTP and over bare TCP", async () => {
    for (const [n, isEntry] of [true, false, true, false].entries()) {
      restreamer.ts.push(piece(n, isEntry));
    }
    const wanted = [2, 2, 2, 2, 3, 3, 3, 3];
    expect([...(await firstBytes("/stream.ts", 8))]).toEqual(wanted);
    const silent = tcp();
    const talker = tcp("\0what a player may say");
    for (const client of [silent, talker]) {
      await until("the stream", () => client.text().length >= 8);
      expect([...Buffer.from(client.text(), "latin1")]).toEqual(wanted);
    }
  });

  it("takes a request that comes in two packets for what it is", async () => {
    const { socket, text } = tcp("G");
    await until("the connection", () => server.clientCount === 1);
    socket.write("ET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n");
    await until("an answer", () => text().includes("\r\n\r\n"));
    expect(text()).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("puts the header before everything in MP4, and ends the file when there is another", async () => {
    restreamer.mp4.restart(Uint8Array.of(1, 2));
    restreamer.mp4.push(piece(7, true, 2));
    const response = await get("/stream.mp4");
    const body = response.arrayBuffer();
    await until("the client", () => restreamer.mp4.sinkCount === 1);
    restreamer.mp4.push(piece(8, false, 1));
    restreamer.mp4.restart(Uint8Array.of(3, 4));
    expect(response.headers.get("content-type")).toBe("video/mp4");
    expect([...new Uint8Array(await body)]).toEqual([1, 2, 7, 7, 8]);
  });

  it("lists the last segments, each from one key frame to the next", async () => {
    expect((await get("/index.m3u8")).status).toBe(503);
    for (let n = 0; n < 12; n++) restreamer.ts.push(piece(n, n % 2 === 0));
    const playlist = await (await get("/index.m3u8")).text();
    expect(playlist.split("\n").slice(0, 6)).toEqual([
      "#EXTM3U",
      "#EXT-X-VERSION:3",
      "#EXT-X-TARGETDURATION:2",
      "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXTINF:2.000,",
      "segment-0.ts",
    ]);
    const segment = new Uint8Array(await (await get("/segment-1.ts")).arrayBuffer());
    expect([...segment]).toEqual([2, 2, 2, 2, 3, 3, 3, 3]);
    for (let n = 12; n < 40; n++) restreamer.ts.push(piece(n, n % 2 === 0));
    expect((await get("/segment-1.ts")).status).toBe(404);
    expect(await (await get("/index.m3u8")).text()).toContain("#EXT-X-MEDIA-SEQUENCE:11\n");
  });

  it.each([
    ["GET", "/", 404],
    ["GET", "/segment-99999999999999.ts", 404],
    ["GET", "/segment-5.ts", 404],
    ["GET", "/../etc/passwd", 404],
    ["POST", "/stream.ts", 405],
    ["HEAD", "/stream.ts", 200],
  ])("answers %s %s with %i", async (method, path, status) => {
    expect((await get(path, { method })).status).toBe(status);
    expect(restreamer.ts.sinkCount).toBe(1);
  });

  it("neither waits for a slow client nor keeps everything for it: it goes on at a key frame", async () => {
    const slow = tcp();
    slow.socket.pause();
    const quick = tcp();
    await until("both", () => restreamer.ts.sinkCount === 3);
    const sizeBytes = 1024 * 1024;
    let quickBytes = 0;
    quick.socket.removeAllListeners("data").on("data", ({ length }) => {
      quickBytes += length;
    });
    for (let n = 0; n < 60; n++) {
      restreamer.ts.push(piece(n, n % 10 === 0, sizeBytes));
      await until("the quick one", () => quickBytes === (n + 1) * sizeBytes);
    }
    slow.socket.resume();
    await until("the rest", () => slow.text().length >= 10 * sizeBytes);
    let last = 0;
    await until("an entry", () => {
      restreamer.ts.push(piece(100, true));
      const text = slow.text();
      last = text.charCodeAt(text.length - 1);
      return last === 100;
    });
    const bytes = Buffer.from(slow.text(), "latin1");
    expect(bytes.length).toBeLessThan(40 * sizeBytes);
    const numbers = bytes.filter((_, index) => index % sizeBytes === 0);
    const jump = numbers.findIndex((n, index) => index > 0 && n > (numbers[index - 1] ?? 0) + 1);
    expect((numbers[jump] ?? 1) % 10).toBe(0);
  });

  it("says in one line that its port is taken", async () => {
    await expect(listen(server.port)).rejects.toThrow(
      /^port \d+ on 127\.0\.0\.1 cannot be had; .*--streaming-port$/,
    );
  });
});
