import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { encodeBundle } from "#protocol";
import { TestPublisher } from "../testing/test-publisher.ts";
import { StreamOrigins } from "./index.ts";
import { originBaseUrls } from "./stream-origins.ts";

const publisher = new TestPublisher();
const { streamId } = publisher;
const signed = publisher.signed();
const block = publisher.block();
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that has the stream or not, and counts what it is asked. */
class TestOrigin {
  readonly paths: string[] = [];
  status = 200;
  url = "";

  static async start(status = 200): Promise<TestOrigin> {
    const origin = new TestOrigin();
    origin.status = status;
    const server = createServer((request, response) => {
      const path = String(request.url);
      origin.paths.push(path);
      response.writeHead(origin.status);
      const record = new TextEncoder().encode(JSON.stringify(signed));
      if (path.endsWith("/join")) response.end(encodeBundle([record, block.bytes]));
      else if (path.endsWith("/descriptor")) response.end(record);
      else response.end(encodeBundle([block.bytes]));
    });
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return origin;
  }
}

it("asks the server the stream was found on until a descriptor says otherwise", async () => {
  const [server, other] = [await TestOrigin.start(404), await TestOrigin.start()];
  const origins = new StreamOrigins({ serverUrl: server.url, streamId });
  expect(await origins.join()).toEqual({ ok: false, reason: "not-found" });
  expect(origins.follow([other.url])).toBe(true);
  expect(await origins.join()).toEqual({ ok: true, descriptor: signed, blocks: [block] });
  expect(await origins.descriptor()).toMatchObject({ ok: true });
  expect(await origins.chunkBlocks("v0", 7)).toMatchObject({ ok: true });
  expect(server.paths).toEqual([`/streams/${streamId}/join`]);
  expect(other.paths).toEqual([
    `/streams/${streamId}/join`,
    `/streams/${streamId}/descriptor`,
    `/streams/${streamId}/tracks/v0/blocks/7`,
  ]);
});

it("stays when the descriptor means the server it came from, names it, or names none", async () => {
  const server = await TestOrigin.start();
  const origins = new StreamOrigins({ serverUrl: server.url, streamId });
  for (const list of [[""], [`${server.url}/`], ["http://127.0.0.1:9", ""], []]) {
    expect(origins.follow(list)).toBe(false);
  }
  expect(await origins.join()).toMatchObject({ ok: true });
});

it("moves to the next origin at the second failure in a row, and around", async () => {
  const [broken, good] = [await TestOrigin.start(503), await TestOrigin.start()];
  const origins = new StreamOrigins({ serverUrl: "http://127.0.0.1:9", streamId });
  origins.follow([broken.url, good.url]);
  expect(await origins.join()).toEqual({ ok: false, reason: "refused" });
  expect(await origins.join()).toEqual({ ok: false, reason: "refused" });
  expect(await origins.join()).toMatchObject({ ok: true });
  expect([broken.paths.length, good.paths.length]).toEqual([2, 1]);
  good.status = 500;
  broken.status = 200;
  await origins.join();
  await origins.join();
  expect(await origins.join()).toMatchObject({ ok: true });
  expect([broken.paths.length, good.paths.length]).toEqual([3, 3]);
});

it("keeps the origin it moved to when a newer descriptor still names it", async () => {
  const [broken, good] = [await TestOrigin.start(503), await TestOrigin.start()];
  const origins = new StreamOrigins({ serverUrl: broken.url, streamId });
  origins.follow(["", good.url]);
  await origins.join();
  await origins.join();
  expect(origins.follow(["", good.url])).toBe(false);
  expect(await origins.join()).toMatchObject({ ok: true });
});

it("counts a success as a fresh start", async () => {
  const [first, second] = [await TestOrigin.start(503), await TestOrigin.start()];
  const origins = new StreamOrigins({ serverUrl: first.url, streamId });
  origins.follow(["", second.url]);
  await origins.join();
  first.status = 200;
  await origins.join();
  first.status = 503;
  await origins.join();
  first.status = 200;
  await origins.join();
  expect([first.paths.length, second.paths.length]).toEqual([4, 0]);
});

it("does not leave an origin for chunks it no longer keeps, nor for what the caller ends", async () => {
  const [first, second] = [await TestOrigin.start(404), await TestOrigin.start()];
  const origins = new StreamOrigins({ serverUrl: first.url, streamId });
  origins.follow(["", second.url]);
  for (let sequence = 0; sequence < 5; sequence++) await origins.chunkBlocks("v0", sequence);
  for (let i = 0; i < 5; i++) await origins.join(AbortSignal.abort());
  expect(second.paths).toEqual([]);
});

it("moves one step when requests fail together", async () => {
  const [first, second, third] = [
    await TestOrigin.start(503),
    await TestOrigin.start(),
    await TestOrigin.start(),
  ];
  const origins = new StreamOrigins({ serverUrl: first.url, streamId });
  origins.follow(["", second.url, third.url]);
  await Promise.all(Array.from({ length: 6 }, () => origins.chunkBlocks("v0", 7)));
  expect(await origins.chunkBlocks("v0", 7)).toMatchObject({ ok: true });
  expect([second.paths.length, third.paths.length]).toEqual([1, 0]);
});

describe("base URLs of a descriptor's origins", () => {
  it.each([
    [[""], ["https://live.example"]],
    [
      ["http://a.example:8081", ""],
      ["http://a.example:8081", "https://live.example"],
    ],
    [["https://a.example/cdn/", "https://a.example/cdn"], ["https://a.example/cdn"]],
    [["https://a.example/cdn?token=1#x"], ["https://a.example/cdn"]],
    [["https://live.example/", ""], ["https://live.example"]],
  ])("%j", (origins, baseUrls) => {
    expect(originBaseUrls(origins, "https://live.example")).toEqual(baseUrls);
  });

  it.each(["ftp://a.example", "javascript:alert(1)", "//a.example", "a.example", "https://u:p@a"])(
    "do not include %s",
    (origin) => {
      expect(originBaseUrls([origin], "https://live.example")).toEqual([]);
    },
  );

  it("need a server that can be asked", () => {
    expect(() => new StreamOrigins({ serverUrl: "ftp://a", streamId })).toThrow(TypeError);
  });
});
