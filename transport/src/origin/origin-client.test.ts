import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { encodeBundle } from "#protocol";
import { TestPublisher } from "../testing/test-publisher.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { OriginClient } from "./index.ts";

const publisher = new TestPublisher();
const signed = publisher.signed();
const descriptorRecord = new TextEncoder().encode(JSON.stringify(signed));
const blocks = [publisher.block({ count: 2, index: 0 }), publisher.block({ count: 2, index: 1 })];
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener, timeoutMs = 5000): Promise<OriginClient> {
  const server = createServer(listener);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return new OriginClient({ baseUrl: `http://127.0.0.1:${port}/streams/x/`, timeoutMs });
}

const answer =
  (body: Uint8Array | string, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status);
    response.end(body);
  };

it("asks to join with the rendition it is given", async () => {
  const paths: (string | undefined)[] = [];
  const origin = await serve((request, response) => {
    paths.push(request.url);
    response.writeHead(404).end();
  });
  await origin.join(undefined, "v1");
  await origin.join(undefined, "none");
  expect(paths).toEqual(["/streams/x/join?video=v1", "/streams/x/join?video=none"]);
});

it("reads the join response: descriptor first, then blocks", async () => {
  const paths: (string | undefined)[] = [];
  const origin = await serve((request, response) => {
    paths.push(request.url);
    response.end(encodeBundle([descriptorRecord, ...blocks.map(({ bytes }) => bytes)]));
  });
  expect(await origin.join()).toEqual({ ok: true, descriptor: signed, blocks });
  expect(paths).toEqual(["/streams/x/join"]);
});

it("reads a chunk's blocks by track and sequence", async () => {
  const origin = await serve((request, response) => {
    expect(request.url).toBe("/streams/x/tracks/v0/blocks/7");
    response.end(encodeBundle(blocks.map(({ bytes }) => bytes)));
  });
  expect(await origin.chunkBlocks("v0", 7)).toEqual({ ok: true, blocks });
});

it("reads single blocks of a chunk, each for what it was asked for", async () => {
  const origin = await serve((request, response) => {
    const index = Number(request.url?.match(/^\/streams\/x\/tracks\/v0\/blocks\/7\/(\d+)$/)?.[1]);
    response.end(blocks[index]?.bytes);
  });
  expect(await origin.chunkBlocks("v0", 7, undefined, [1])).toEqual({
    ok: true,
    blocks: blocks.slice(1, 2),
  });
  const other = await serve((_request, response) => response.end(blocks[0]?.bytes));
  expect(await other.chunkBlocks("v0", 7, undefined, [1])).toEqual({
    ok: false,
    reason: "bad-answer",
  });
});

it("reads the descriptor alone", async () => {
  const origin = await serve(answer(descriptorRecord));
  expect(await origin.descriptor()).toEqual({ ok: true, descriptor: signed });
});

it("tells an unknown stream from a server in trouble", async () => {
  const unknown = await serve(answer("{}", 404));
  expect(await unknown.join()).toEqual({ ok: false, reason: "not-found" });
  const broken = await serve(answer("{}", 503));
  expect(await broken.join()).toEqual({ ok: false, reason: "refused" });
});

it("says when nobody is there, and when the connection breaks in the middle", async () => {
  const nobody = new OriginClient({ baseUrl: "http://127.0.0.1:9" });
  expect(await nobody.join()).toEqual({ ok: false, reason: "unreachable" });
  const broken = await serve((_request, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("half", () => response.destroy());
  });
  expect(await broken.join()).toEqual({ ok: false, reason: "unreachable" });
});

it("gives up when the answer takes longer than the time-out, and not a millisecond before", async () => {
  const clock = new VirtualClock();
  const origin = new OriginClient({
    baseUrl: "http://origin",
    timeoutMs: 400,
    clock,
    fetch: (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
  let result: unknown;
  void origin.join().then((value) => {
    result = value;
  });
  await clock.advance(399);
  expect(result).toBeUndefined();
  await clock.advance(1);
  expect(result).toEqual({ ok: false, reason: "timeout" });
});

it("can be aborted, before and meanwhile", async () => {
  const origin = await serve(() => {});
  expect(await origin.join(AbortSignal.abort())).toEqual({ ok: false, reason: "aborted" });
  const controller = new AbortController();
  const pending = origin.chunkBlocks("v0", 1, controller.signal);
  controller.abort();
  expect(await pending).toEqual({ ok: false, reason: "aborted" });
});

it("does not read more than an answer can have, whatever the header says", async () => {
  const announcing = await serve((_request, response) => {
    response.writeHead(200, { "content-length": String(2 ** 40) });
    response.write("x");
  });
  expect(await announcing.descriptor()).toEqual({ ok: false, reason: "too-large" });
  const endless = await serve((_request, response) => {
    const more = () => {
      if (!response.destroyed) response.write(Buffer.alloc(16 * 1024), more);
    };
    more();
  });
  expect(await endless.descriptor()).toEqual({ ok: false, reason: "too-large" });
});

it("refuses answers that are not what the protocol says", async () => {
  const { bytes } = publisher.block();
  const whole = encodeBundle([descriptorRecord, bytes]);
  const wrong: Uint8Array[] = [
    new Uint8Array(0),
    whole.subarray(0, whole.length - 1),
    encodeBundle([bytes]),
    encodeBundle([new TextEncoder().encode("{}"), bytes]),
    encodeBundle([descriptorRecord, bytes.subarray(0, 30)]),
  ];
  for (const body of wrong) {
    const origin = await serve(answer(body));
    expect(await origin.join()).toEqual({ ok: false, reason: "bad-answer" });
  }
  const html = await serve(answer("<!doctype html>"));
  expect(await html.descriptor()).toEqual({ ok: false, reason: "bad-answer" });
  const otherChunk = await serve(answer(encodeBundle([bytes])));
  expect(await otherChunk.chunkBlocks("v0", 8)).toEqual({ ok: false, reason: "bad-answer" });
  const empty = await serve(answer(new Uint8Array(0)));
  expect(await empty.chunkBlocks("v0", 7)).toEqual({ ok: false, reason: "bad-answer" });
});

it("does not unpack more than an answer can have: a hundred megabytes in a hundred kilobytes", async () => {
  const bomb = gzipSync(new Uint8Array(100 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(110_000);
  const origin = await serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end(bomb);
  });
  expect(await origin.descriptor()).toEqual({ ok: false, reason: "too-large" });
  expect(await origin.join()).toEqual({ ok: false, reason: "too-large" });
});
