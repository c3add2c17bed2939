import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SLICE_BYTES } from "../source.ts";
import { SourceReader } from "../testing/source-reader.ts";
import { makePublishKey, PUBLISH_KEY_FORM } from "./publish-key.ts";
import { PublishPoint } from "./publish-point.ts";

const KEY = "correct-horse";
const closing: (() => unknown)[] = [];

let app: FastifyInstance;
beforeEach(() => {
  app = Fastify({
    forceCloseConnections: true,
    // Below what the tests take: an encoder is not ended by it.
    requestTimeout: 50,
    http: { connectionsCheckingInterval: 10, headersTimeout: 50 },
  });
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await app.close();
});

async function publish(pace = {}) {
  const source = new PublishPoint(app, pace).source(KEY, "publish://");
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
