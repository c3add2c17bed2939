import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ensureTool } from "../../../scripts/ensure-tool.mjs";
import { createIdentity } from "../identity.ts";
import { type Origin, OriginPoint } from "../origin.ts";
import { Publisher } from "../publisher.ts";
import { packagedChunk, videoTrack } from "../testing/packaged.ts";
import { parsePlaylist } from "./testing/parse-playlist.ts";

const PARTS = 3;
const nginxPath = ensureTool("nginx");

let directory: string;
let nginx: ChildProcess;
let app: FastifyInstance;
let origin: Origin;
let publisher: Publisher;
let base: string;
let requests: string[] = [];
let published = 0;

function publish(count: number): void {
  for (let i = 0; i < count; i++) {
    publisher.accept({ type: "chunk", chunk: packagedChunk("video", published++) });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The configuration as docs/hls.md recommends it, with other ports and places. */
async function configuration(originPort: number, port: number): Promise<string> {
  const page = await readFile(new URL("../../../docs/hls.md", import.meta.url), "utf8");
  const [, recommended = ""] = /```nginx\n([\s\S]*?)```/.exec(page) ?? [];
  const http = recommended
    .replace("127.0.0.1:8080", `127.0.0.1:${originPort}`)
    .replace("127.0.0.1:8090", `127.0.0.1:${port}`)
    .replace("proxy_cache_path cache", `proxy_cache_path ${directory}/cache`);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join(" ");
  // Its workers would be somebody else, who may not write here.
  const user = process.getuid?.() === 0 ? "user root; " : "";
  return (
    `${user}daemon off; pid ${directory}/pid; error_log ${directory}/error.log; worker_processes 1;\n` +
    `events {}\nhttp { access_log off; ${temporary}\n${http}}\n`
  );
}

beforeAll(async () => {
  if (nginxPath === undefined) return;
  directory = await mkdtemp(join(tmpdir(), "livemesh-nginx-"));
  publisher = new Publisher({ identity: createIdentity(), title: "", chunkMs: 200 });
  app = Fastify({ forceCloseConnections: true });
  app.addHook("onRequest", async ({ url }) => {
    requests.push(url);
  });
  origin = new OriginPoint(app).add(publisher);
  await app.listen({ host: "127.0.0.1", port: 0 });
  publisher.accept({ type: "track", track: videoTrack() });
  publish(12);
  const port = await freePort();
  const originPort = (app.server.address() as AddressInfo).port;
  await writeFile(join(directory, "nginx.conf"), await configuration(originPort, port));
  const args = ["-e", join(directory, "error.log"), "-c", join(directory, "nginx.conf")];
  nginx = spawn(nginxPath, args, { stdio: "ignore" });
  base = `http://127.0.0.1:${port}/streams/${publisher.streamId}/hls/v0/`;
  await vi.waitUntil(
    () =>
      fetch(base).then(
        () => true,
        () => false,
      ),
    { timeout: 10_000 },
  );
}, 200_000);

afterAll(async () => {
  if (nginxPath === undefined) return;
  nginx.kill("SIGTERM");
  await once(nginx, "exit");
  await app.close();
  await rm(directory, { recursive: true });
});

/** Players that wait for each next part and playlist; how many requests reach the origin. */
async function requestsOf(playerCount: number): Promise<number> {
  publish(1);
  const players = Array.from({ length: playerCount }, () => base);
  requests = [];
  let text = await (await fetch(`${base}playlist.m3u8?players=${playerCount}`)).text();
  for (let part = 0; part < PARTS; part++) {
    const { firstMsn, segments, openParts, hints } = parsePlaylist(text);
    const query = `_HLS_msn=${firstMsn + segments.length}&_HLS_part=${openParts.length}`;
    const hint = (hints[0]?.get("URI") ?? "").slice(1, -1);
    const playlists = players.map((url) => fetch(`${url}playlist.m3u8?${query}`));
    const parts = players.map((url) => fetch(new URL(hint, `${url}playlist.m3u8`)));
    await vi.waitUntil(() => origin.heldRequests === 2, { timeout: 10_000 });
    publish(1);
    for (const answer of await Promise.all(parts))
      expect((await answer.arrayBuffer()).byteLength).toBe(1000);
    for (const answer of await Promise.all(playlists)) text = await answer.text();
  }
  return requests.length;
}

describe.runIf(nginxPath !== undefined)("nginx in front, as docs/hls.md has it", () => {
  it("lets no more requests through for forty players than for two", async () => {
    const few = await requestsOf(2);
    const many = await requestsOf(40);
    expect(few).toBe(1 + 2 * PARTS);
    expect(many).toBe(few);
  });
});

describe.skipIf(nginxPath !== undefined)("nginx in front", () => {
  it.skip("is not tried: nginx is not installed and cannot be here", () => {});
});
