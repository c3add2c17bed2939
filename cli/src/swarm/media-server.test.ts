import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MediaServer, type MediaServerOptions } from "./media-server.ts";

const MEDIA = Buffer.from(Array.from({ length: 30_000 }, (_, index) => index % 251));

let folder: string;
let server: MediaServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-media-"));
  await writeFile(join(folder, "media"), MEDIA);
});

afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function serve(options: Partial<MediaServerOptions> = {}): Promise<number> {
  const defaults = { bytesPerSecond: undefined, isLooped: false, log: () => {} };
  server = new MediaServer({ file: join(folder, "media"), ...defaults, ...options });
  return server.listen(0);
}

/** What a client gets until it has `byteCount` bytes or all. */
async function read(port: number, byteCount = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  const socket = connect(port, "127.0.0.1");
  for await (const piece of socket) {
    pieces.push(piece as Buffer);
    size += (piece as Buffer).length;
    if (size >= byteCount) break;
  }
  return Buffer.concat(pieces);
}

async function isRefused(port: number): Promise<boolean> {
  const socket: Socket = connect(port, "127.0.0.1");
  return once(socket, "connect").then(
    () => socket.destroy() && false,
    () => true,
  );
}

describe("the media server", () => {
  it("sends the file once, whole, and is gone then", async () => {
    const port = await serve();
    server.release();
    expect(Buffer.compare(await read(port), MEDIA)).toBe(0);
    await server.done;
    expect(await isRefused(port)).toBe(true);
  });

  it("sends no faster than asked", async () => {
    const port = await serve({ bytesPerSecond: 60_000 });
    server.release();
    const beforeMs = performance.now();
    await read(port);
    expect(performance.now() - beforeMs).toBeGreaterThan(400);
  });

  it("sends nothing before it is released", async () => {
    const port = await serve();
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    // That later ones are refused says that the first is being served, or would be.
    for (let later = 0; later < 3; later++) expect((await read(port)).length).toBe(0);
    expect(socket.bytesRead).toBe(0);
    const first = once(socket, "data");
    server.release();
    expect(((await first)[0] as Buffer)[1]).toBe(1);
    socket.destroy();
  });

  it("starts over for whoever comes after a client that broke off, and serves one at a time", async () => {
    const port = await serve({ bytesPerSecond: 100_000 });
    server.release();
    const socket = connect(port, "127.0.0.1");
    await once(socket, "data");
    expect((await read(port)).length).toBe(0);
    socket.destroy();
    await vi.waitUntil(async () => (await read(port, 100)).length >= 100, { timeout: 5000 });
    await vi.waitUntil(async () => Buffer.compare(await read(port), MEDIA) === 0, {
      timeout: 5000,
    });
    await server.done;
  });

  it("loops for ever when asked to", async () => {
    const port = await serve({ isLooped: true });
    server.release();
    const bytes = await read(port, MEDIA.length * 3);
    expect(Buffer.compare(bytes.subarray(MEDIA.length, MEDIA.length * 2), MEDIA)).toBe(0);
  });
});
