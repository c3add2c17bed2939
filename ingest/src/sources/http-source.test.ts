import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { SourceReader } from "../testing/source-reader.ts";
import { HttpSource } from "./http-source.ts";
import type { ConnectionOptions } from "./keep-connecting.ts";

const servers: Server[] = [];
const readers: SourceReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.abort();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function read(url: string, options: ConnectionOptions = {}): SourceReader {
  const quick = { minDelayMs: 1, maxDelayMs: 2, ...options };
  const reader = new SourceReader(new HttpSource(new URL(url), quick));
  readers.push(reader);
  return reader;
}

it("reads the body, and asks again when it has ended", async () => {
  const url = await serve((_request, response) => response.end("media"));
  const reader = read(`${url}/live.ts`);
  for (let round = 0; round < 2; round++) {
    expect(await reader.next()).toEqual({ type: "start", description: `${url}/live.ts` });
    expect((await reader.bytes(5)).toString()).toBe("media");
    expect(await reader.next()).toEqual({
      type: "end",
      reason: "the server closed the connection",
    });
  }
});

it("follows redirects, and hands a password on only where it belongs", async () => {
  const seen: (string | undefined)[] = [];
  const elsewhere = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end("media");
  });
  const url = await serve((request, response) => {
    seen.push(request.headers.authorization);
    const location = request.url === "/a" ? "/b" : `${elsewhere}/c`;
    response.writeHead(302, { location }).end();
  });
  const reader = read(`${url.replace("//", "//joe:pass@")}/a`);
  expect((await reader.expect("start")).description).toBe(`${url.replace("//", "//joe:***@")}/a`);
  const basic = `Basic ${Buffer.from("joe:pass").toString("base64")}`;
  expect(seen.slice(0, 3)).toEqual([basic, basic, undefined]);
});

it.each([
  ["/round", "the server redirects more than 5 times"],
  ["/file", "the server redirects to what is no http(s) address"],
  ["/none", "the server answered 404 Not Found"],
])("says once why there is nothing at %s, and tries again", async (path, reason) => {
  let requests = 0;
  const url = await serve((request, response) => {
    requests++;
    const location = { "/round": "/round", "/file": "file:///etc/passwd" }[request.url ?? ""];
    if (location === undefined) response.writeHead(404).end();
    else response.writeHead(302, { location }).end();
  });
  const reader = read(url + path);
  const message = `${url}${path}: ${reason}; trying again until it is there`;
  expect(await reader.next()).toEqual({ type: "warning", message });
  const next = reader.next();
  await vi.waitUntil(() => requests > 12);
  reader.abortOnly();
  expect(await next).toBeUndefined();
});

it("gives up a server that falls silent, before its answer or within", async () => {
  let answered = 0;
  const url = await serve((_request, response) => {
    if (answered++ > 0) response.write("x");
  });
  const reader = read(url, { silenceMs: 400 });
  expect((await reader.expect("warning")).message).toContain(": nothing came for 0.4 s;");
  await reader.expect("start");
  await reader.bytes(1);
  expect(await reader.next()).toEqual({ type: "end", reason: "nothing came for 0.4 s" });
});

it("does not take its own pause for the server's silence", async () => {
  const url = await serve((_request, response) => {
    response.write(Buffer.alloc(200_000, 1));
  });
  const reader = read(url, { silenceMs: 100 });
  await reader.expect("start");
  const started = performance.now();
  await vi.waitUntil(() => performance.now() - started > 250);
  expect((await reader.bytes(200_000)).length).toBe(200_000);
});

it("leaves no connection open on abort", async () => {
  let open: ServerResponse | undefined;
  const url = await serve((_request, response) => {
    open = response;
    response.write("x");
  });
  const reader = read(url);
  await reader.expect("start");
  await reader.bytes(1);
  reader.abortOnly();
  await vi.waitUntil(() => open?.closed === true);
  expect(await reader.next()).toBeUndefined();
});
