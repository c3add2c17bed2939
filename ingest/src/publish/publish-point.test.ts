import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { PUBLISH_CLOSE, type StreamId } from "#protocol";
import { SLICE_BYTES } from "../source.ts";
import { SourceReader } from "../testing/source-reader.ts";
import { makePublishKey, PUBLISH_KEY_FORM } from "./publish-key.ts";
import { PublishPoint } from "./publish-point.ts";

const KEY = "correct-horse";
const STREAM_ID = "a".repeat(32) as StreamId;
const closing: (() => unknown)[] = [];

let app: FastifyInstance;
beforeEach(() => {
  app = Fastify({
    forceCloseConnections: true,
    // Below what the tests take: an encoder is not ended by it.
    requestTimeout: 500,
    http: { connectionsCheckingInterval: 50, headersTimeout: 500 },
  });
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await app.close();
});

async function publish(pace = {}) {
  const point = new PublishPoint(app, pace);
  const source = point.source(KEY, "publish://");
  point.nameStream(KEY, STREAM_ID);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const reader = new SourceReader(source);
  closing.push(() => reader.abort());
  await reader.expect("waiting");
  return { url, reader };
}

function encoder(url: string, { key = KEY, method = "PUT" } = {}): ClientRequest {
  const sender = request(`${url}/publish/${key}`, { method, agent: false });
  closing.push(() => sender.destroy());
  sender.on("error", () => {});
  return sender;
}

async function statusOf(sender: ClientRequest): Promise<number | undefined> {
  const [answer] = (await once(sender, "response")) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

it.each(["PUT", "POST"])("takes what encoders %s, one after the other", async (method) => {
  const { url, reader } = await publish();
  const attended = reader.next();
  for (const media of ["first", "second"]) {
    const sender = encoder(url, { method });
    sender.end(media);
    const start = media === "first" ? await attended : await reader.next();
    expect(start).toMatchObject({ type: "start" });
    expect((await reader.bytes(media.length)).toString()).toBe(media);
    const end = reader.expect("end");
    expect(await statusOf(sender)).toBe(200);
    expect((await end).reason).toMatch(/^encoder at 127\.0\.0\.1:\d+: it closed the connection$/);
  }
});

it("answers a wrong key with 403, and says so once, without the key", async () => {
  const { url, reader } = await publish();
  const warned = reader.expect("warning");
  for (const key of ["wrong-horse", "x", "%00"]) {
    const sender = encoder(url, { key });
    sender.write("media");
    expect(await statusOf(sender)).toBe(403);
  }
  expect((await warned).message).toMatch(
    /^publish:\/\/: refused an encoder with a wrong publish key, 127\.0\.0\.1:\d+$/,
  );
});

it("answers a second encoder with 409, and goes on with the first", async () => {
  const { url, reader } = await publish();
  const first = encoder(url);
  first.write("one");
  await reader.expect("start");
  const second = encoder(url);
  second.write(Buffer.alloc(1_000_000));
  expect(await statusOf(second)).toBe(409);
  expect((await reader.expect("warning")).message).toContain("refused a second encoder");
  expect((await reader.bytes(3)).toString()).toBe("one");
  first.write("two");
  expect((await reader.bytes(3)).toString()).toBe("two");
});

it("continues with the next encoder after one that vanished", async () => {
  const { url, reader } = await publish();
  const first = encoder(url);
  first.write("one");
  await reader.expect("start");
  await reader.bytes(3);
  first.destroy();
  expect((await reader.expect("end")).reason).toMatch(/: connection reset$/);
  const second = encoder(url);
  second.write("two");
  await reader.expect("start");
  expect((await reader.bytes(3)).toString()).toBe("two");
});

it("lets an encoder stay beyond the server's request timeout, and no other client", async () => {
  const { url, reader } = await publish();
  const sender = encoder(url);
  sender.write("one");
  await reader.expect("start");
  await reader.bytes(3);
  const slow = connect(Number(new URL(url).port), "127.0.0.1");
  closing.push(() => slow.destroy());
  slow.resume().write("POST /elsewhere HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx");
  await once(slow, "close");
  sender.write("two");
  expect((await reader.bytes(3)).toString()).toBe("two");
});

it("gives up an encoder that is stuck, or trickles", async () => {
  const { url, reader } = await publish({ everyMs: 300, minBytes: 1000 });
  for (const bytes of [1000, 1001]) {
    const sender = encoder(url);
    sender.write(Buffer.alloc(bytes));
    const trickle = setInterval(() => bytes > 1000 && sender.write("x"), 5);
    closing.push(() => clearInterval(trickle));
    await reader.expect("start");
    await reader.bytes(bytes);
    let event = await reader.next();
    while (event?.type === "bytes") event = await reader.next();
    expect(event).toMatchObject({ type: "end" });
    expect(JSON.stringify(event)).toMatch(/: (nothing|only \d+ bytes) came for 0\.3 s/);
  }
});

it("holds an encoder back that sends faster than it is asked", async () => {
  const { url, reader } = await publish({ everyMs: 1000 });
  const sender = encoder(url);
  const block = Buffer.alloc(64 * 1024);
  let sentBytes = 0;
  const send = () => {
    do sentBytes += block.length;
    while (sender.write(block) && sentBytes < 64e6);
  };
  sender.on("drain", send);
  send();
  await reader.expect("start");
  await reader.bytes(SLICE_BYTES);
  let [last, looks] = [0, 0];
  await vi.waitUntil(
    () => {
      looks = sentBytes === last ? looks + 1 : 0;
      last = sentBytes;
      return looks > 120;
    },
    { interval: 10, timeout: 15_000 },
  );
  expect(sentBytes).toBeLessThan(32e6);
  await reader.bytes(last);
  await vi.waitUntil(() => sentBytes > last, { timeout: 10_000 });
});

describe("a WebSocket", () => {
  function dial(url: string, path = `/publish/${KEY}`) {
    const socket = new WebSocket(`${url.replace("http", "ws")}${path}`);
    socket.on("error", () => {});
    closing.push(() => socket.terminate());
    return socket;
  }

  function closeOf(socket: WebSocket): Promise<[number, string]> {
    return new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve([code, reason.toString()]));
    });
  }

  it("brings media in messages, and hears which stream they become", async () => {
    const { url, reader } = await publish();
    const started = reader.next();
    const socket = dial(url);
    const [greeting] = (await once(socket, "message")) as [Buffer];
    expect(JSON.parse(greeting.toString())).toEqual({ streamId: STREAM_ID });
    socket.send("one");
    socket.send(Buffer.alloc(100_000, "t"));
    expect(await started).toMatchObject({ type: "start" });
    expect((await reader.bytes(100_003)).subarray(0, 4).toString()).toBe("onet");
    socket.close();
    expect((await reader.expect("end")).reason).toMatch(/: it closed the connection$/);
    const next = dial(url);
    next.on("open", () => next.send("two"));
    expect(await reader.next()).toMatchObject({ type: "start" });
    expect((await reader.bytes(3)).toString()).toBe("two");
    next.terminate();
    expect(await reader.next()).toMatchObject({ type: "end" });
  });

  it("is told why it is refused, and is closed", async () => {
    const { url, reader } = await publish();
    const warned = reader.expect("warning");
    const wrong = await closeOf(dial(url, "/publish/wrong-horse"));
    expect(wrong).toEqual([PUBLISH_CLOSE.wrongKey, "this publish key is not known here"]);
    expect((await warned).message).toContain("wrong publish key");
    const first = encoder(url);
    first.write("one");
    await reader.expect("start");
    const second = await closeOf(dial(url));
    expect(second).toEqual([PUBLISH_CLOSE.encoderLive, "another encoder is live with this key"]);
    // Nobody else listens on this server.
    expect((await closeOf(dial(url, "/elsewhere")))[0]).toBe(1006);
  });

  it("is held back when it sends faster than it is asked, and given up when it is stuck", async () => {
    const { url, reader } = await publish({ everyMs: 3000 });
    const started = reader.expect("start");
    const socket = dial(url);
    await once(socket, "open");
    const message = Buffer.alloc(1_000_000);
    for (let i = 0; i < 32; i++) socket.send(message);
    await started;
    await reader.bytes(1_000_000);
    expect(socket.bufferedAmount).toBeGreaterThan(8e6);
    await reader.bytes(31_000_000);
    expect((await reader.expect("end")).reason).toMatch(/: nothing came for 3 s$/);
  });

  it("is closed when one message is larger than any encoder's", async () => {
    const { url, reader } = await publish();
    const started = reader.next();
    const socket = dial(url);
    socket.on("open", () => socket.send(Buffer.alloc(8 * 1024 * 1024 + 1)));
    expect((await closeOf(socket))[0]).toBe(1009);
    const next = dial(url);
    next.on("open", () => next.send("two"));
    expect(await started).toMatchObject({ type: "start" });
  });
});

it("says 503 while nobody takes the stream", async () => {
  const { url, reader } = await publish();
  const next = reader.next();
  reader.abortOnly();
  await next;
  expect(await statusOf(encoder(url).end("x"))).toBe(503);
});

it("makes keys that fit a URL, and no two alike", () => {
  const [one, two] = [makePublishKey(), makePublishKey()];
  expect(one).toMatch(PUBLISH_KEY_FORM);
  expect(one).not.toBe(two);
});
