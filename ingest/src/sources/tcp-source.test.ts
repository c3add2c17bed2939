import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SLICE_BYTES } from "../source.ts";
import { SourceReader } from "../testing/source-reader.ts";
import type { ConnectionOptions } from "./keep-connecting.ts";
import { TcpSource } from "./tcp-source.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(onSocket: (socket: Socket) => void, port = 0): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  });
  servers.push(server);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function read(port: number, options: ConnectionOptions = {}): SourceReader {
  const address = { host: "127.0.0.1", port };
  const quick = { minDelayMs: 1, maxDelayMs: 2, ...options };
  return new SourceReader(new TcpSource(`tcp://127.0.0.1:${port}`, address, quick));
}

/** The value once it no longer changes: for ten looks, 10 ms apart. */
async function settled(value: () => number): Promise<number> {
  let [last, looks] = [value(), 0];
  await vi.waitUntil(
    () => {
      looks = value() === last ? looks + 1 : 0;
      last = value();
      return looks >= 10;
    },
    { interval: 10, timeout: 15_000 },
  );
  return last;
}

async function freePort(): Promise<number> {
  const port = await serve(() => {});
  servers.pop()?.close();
  return port;
}

describe("a server that sends MPEG-TS", () => {
  it("is read in slices, and connected to again when it has ended", async () => {
    const media = Buffer.from(Array.from({ length: 3 * SLICE_BYTES + 7 }, (_, i) => i % 253));
    const port = await serve((socket) => socket.end(media));
    const reader = read(port);
    for (let round = 0; round < 3; round++) {
      expect(await reader.next()).toEqual({
        type: "start",
        description: `tcp://127.0.0.1:${port}`,
      });
      const parts: Uint8Array[] = [];
      let event = await reader.next();
      for (; event?.type === "bytes"; event = await reader.next()) parts.push(event.bytes);
      expect(Buffer.concat(parts).equals(media)).toBe(true);
      expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(SLICE_BYTES);
      expect(event).toEqual({ type: "end", reason: "the server closed the connection" });
    }
    await reader.abort();
  });

  it("is waited for while it is away, which is said once", async () => {
    const port = await freePort();
    const reader = read(port);
    expect(await reader.next()).toEqual({
      type: "warning",
      message: `tcp://127.0.0.1:${port}: connection refused; trying again until it is there`,
    });
    const next = reader.next();
    await serve((socket) => socket.write("media"), port);
    expect(await next).toMatchObject({ type: "start" });
    expect((await reader.bytes(5)).toString()).toBe("media");
    await reader.abort();
  });

  it("is connected to again when it resets the connection", async () => {
    let reset = () => {};
    const port = await serve((socket) => {
      reset = () => socket.resetAndDestroy();
      socket.write("x");
    });
    const reader = read(port);
    await reader.expect("start");
    await reader.bytes(1);
    const next = reader.next();
    reset();
    expect(await next).toEqual({ type: "end", reason: "connection reset" });
    await reader.expect("start");
    await reader.abort();
  });

  it("is given up when it falls silent", async () => {
    const port = await serve((socket) => socket.write("x"));
    const reader = read(port, { silenceMs: 400 });
    await reader.expect("start");
    await reader.bytes(1);
    expect(await reader.next()).toEqual({ type: "end", reason: "nothing came for 0.4 s" });
    await reader.expect("start");
    await reader.abort();
  });

  // Looked at once while bytes waited, it was never looked at again.
  it("is given up when it falls silent after we did not ask for more", async () => {
    const port = await serve((socket) => socket.write(Buffer.alloc(200_000, 1)));
    const reader = read(port, { silenceMs: 100 });
    await reader.expect("start");
    const pausedAtMs = performance.now();
    await vi.waitUntil(() => performance.now() - pausedAtMs > 250);
    await reader.bytes(200_000);
    expect(await reader.next()).toEqual({ type: "end", reason: "nothing came for 0.1 s" });
    await reader.abort();
  });

  it("is slowed down by a reader that does not ask for more", async () => {
    const endless = Buffer.alloc(64 * 1024, 1);
    let sentBytes = 0;
    const port = await serve((socket) => {
      const send = () => {
        do sentBytes += endless.length;
        while (socket.write(endless) && sentBytes < 256 * 1024 * 1024);
      };
      socket.on("drain", send);
      send();
    });
    const reader = read(port);
    await reader.expect("start");
    await reader.bytes(SLICE_BYTES);
    const atRest = await settled(() => sentBytes);
    expect(atRest).toBeLessThan(64 * 1024 * 1024);
    await reader.bytes(atRest);
    await vi.waitUntil(() => sentBytes > atRest);
    await reader.abort();
  });
});

it("leaves no connection open on abort, whatever it is doing", async () => {
  const sockets = new Set<Socket>();
  const port = await serve((socket) => {
    sockets.add(socket.resume());
    socket.on("close", () => sockets.delete(socket));
    socket.write("x");
  });
  const reader = read(port);
  await reader.expect("start");
  await reader.bytes(1);
  expect(sockets.size).toBe(1);
  reader.abortOnly();
  await vi.waitUntil(() => sockets.size === 0);
  expect(await reader.next()).toBeUndefined();

  const waiting = read(await freePort(), { minDelayMs: 60_000, maxDelayMs: 60_000 });
  await waiting.expect("warning");
  const next = waiting.next();
  waiting.abortOnly();
  expect(await next).toBeUndefined();
});
