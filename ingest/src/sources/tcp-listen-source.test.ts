import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { SourceReader } from "../testing/source-reader.ts";
import { TcpListenSource, type TcpListenSourceOptions } from "./tcp-listen-source.ts";

const encoders: Socket[] = [];
afterEach(() => {
  for (const encoder of encoders.splice(0)) encoder.destroy();
});

async function listen(options: TcpListenSourceOptions = {}) {
  const address = { host: "127.0.0.1", port: 0 };
  const reader = new SourceReader(new TcpListenSource("tcp-listen://here", address, options));
  const { message } = await reader.expect("waiting");
  expect(message).toMatch(/^waiting for an encoder on tcp:\/\/127\.0\.0\.1:\d+$/);
  return { reader, port: Number(message.split(":").at(-1)) };
}

async function encoder(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  encoders.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

it("takes one encoder after the other", async () => {
  const { reader, port } = await listen();
  for (const media of ["first", "second"]) {
    const sender = await encoder(port);
    sender.end(media);
    const { description } = await reader.expect("start");
    expect(description).toBe(`encoder at 127.0.0.1:${sender.localPort}`);
    expect((await reader.bytes(media.length)).toString()).toBe(media);
    const { reason } = await reader.expect("end");
    expect(reason).toBe(`${description}: it closed the connection`);
  }
  await reader.abort();
});

it("refuses a second encoder while one is live, and goes on with the first", async () => {
  const { reader, port } = await listen();
  const first = await encoder(port);
  first.write("one");
  await reader.expect("start");
  await reader.bytes(3);

  const second = await encoder(port);
  await once(second, "close");
  const { message } = await reader.expect("warning");
  expect(message).toMatch(
    /^tcp-listen:\/\/here: refused a second encoder, 127\.0\.0\.1:\d+: one is live already$/,
  );
  first.write("two");
  expect((await reader.bytes(3)).toString()).toBe("two");

  first.destroy();
  await reader.expect("end");
  const third = await encoder(port);
  third.write("three");
  await reader.expect("start");
  expect((await reader.bytes(5)).toString()).toBe("three");
  await reader.abort();
});

it("lets an encoder replace a connection that has sent nothing", async () => {
  const { reader, port } = await listen();
  const scanner = await encoder(port);
  const sender = await encoder(port);
  sender.write("media");
  const { description } = await reader.expect("start");
  expect(description).toBe(`encoder at 127.0.0.1:${sender.localPort}`);
  expect((await reader.bytes(5)).toString()).toBe("media");
  await vi.waitUntil(() => scanner.closed);
  await reader.abort();
});

it("says nothing of a connection that comes and goes without a byte", async () => {
  const { reader, port } = await listen();
  const next = reader.next();
  const scanner = await encoder(port);
  scanner.resume().end();
  await once(scanner, "close");
  const sender = await encoder(port);
  sender.write("x");
  expect(await next).toMatchObject({ type: "start" });
  await reader.abort();
});

it("ends an encoder that resets its connection", async () => {
  const { reader, port } = await listen();
  const failing = await encoder(port);
  failing.write("x");
  await reader.expect("start");
  await reader.bytes(1);
  failing.resetAndDestroy();
  expect((await reader.expect("end")).reason).toMatch(/: connection reset$/);
  await reader.abort();
});

it("ends an encoder that falls silent", async () => {
  const { reader, port } = await listen({ silenceMs: 400 });
  const silent = await encoder(port);
  silent.resume().write("x");
  await reader.expect("start");
  await reader.bytes(1);
  expect((await reader.expect("end")).reason).toMatch(/: nothing came for 0\.4 s$/);
  await vi.waitUntil(() => silent.closed);
  await reader.abort();
});

it("frees its port and drops its encoder on abort, asked for more or not", async () => {
  const { reader, port } = await listen();
  const sender = await encoder(port);
  sender.resume().write("x");
  await reader.expect("start");
  reader.abortOnly();
  await once(sender, "close");
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
  expect(await reader.next()).toBeUndefined();

  const idle = await listen();
  const next = idle.reader.next();
  idle.reader.abortOnly();
  expect(await next).toBeUndefined();
});

it("says in one line that it cannot listen", async () => {
  const { reader, port } = await listen();
  const open = (host: string) =>
    new SourceReader(new TcpListenSource(`tcp-listen://${host}:${port}`, { host, port })).next();
  await expect(open("127.0.0.1")).rejects.toMatchObject({
    code: "port-in-use",
    message: `cannot listen on tcp-listen://127.0.0.1:${port}: port in use`,
  });
  await expect(open("192.0.2.1")).rejects.toMatchObject({
    code: "address-unavailable",
    message: `cannot listen on tcp-listen://192.0.2.1:${port}: not an address of this machine`,
  });
  await reader.abort();
});
