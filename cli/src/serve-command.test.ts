import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NamedStream } from "#ingest";
import type { ApiStats, ApiStream, PeerId, StreamId } from "#protocol";
import { bestCrypto256, MeshPeer, newPeerId, OriginClient, TrackerClient } from "#transport";
import { nodeLinks } from "#transport/node";
import { startIngestServer } from "./ingest-command.ts";
import { type RunningStreamServer, startServer } from "./serve-command.ts";
import { singleStream } from "./testing/single-stream.ts";
import { startTrackerServer } from "./tracker-command.ts";

const log = pino({ level: "silent" });

let folder: string;
const closing: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-serve-"));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

const trackerOptions = { host: "127.0.0.1", port: 0, graceSec: 60, log };

async function serve(): Promise<RunningStreamServer & { url: string; streamId: StreamId }> {
  const server = await startServer({ ...singleStream(folder), graceSec: 60 });
  closing.push(() => server.close());
  return { ...server, url: `http://127.0.0.1:${server.port}`, streamId: idOf(server) };
}

/** Of its only stream. */
function idOf({ streams }: RunningStreamServer): StreamId {
  return streams.reports[0]?.streamId as StreamId;
}

/** A viewer as in a browser, without a screen. */
async function watch(trackerUrl: string, originUrl: string, streamId: StreamId) {
  const peerId: PeerId = newPeerId();
  const tracker = new TrackerClient({ url: trackerUrl, streamId, peerId, role: "viewer" });
  const links = nodeLinks({ bindAddress: "127.0.0.1" });
  const chunks = new Map<string, Uint8Array>();
  const peer = new MeshPeer({
    streamId,
    peerId,
    tracker,
    links,
    crypto: await bestCrypto256(),
    origin: new OriginClient({ baseUrl: `${originUrl}/streams/${streamId}` }),
    onChunk: ({ track, sequence, bytes }) => chunks.set(`${track}/${sequence}`, bytes),
  });
  peer.start();
  // A second behind, as a player would be: that is what the engine's deadlines follow from.
  const playing = setInterval(() => peer.setPlayhead(peer.sourceNowMs() - 1000), 250);
  closing.push(async () => {
    clearInterval(playing);
    await peer.close();
    tracker.close();
    links.close();
  });
  return { peer, chunks };
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

describe("serve", () => {
  it("carries the built-in clip to viewers over WebRTC, byte for byte", async () => {
    const { url, streamId } = await serve();
    const viewers = [await watch(url, url, streamId), await watch(url, url, streamId)];
    await vi.waitUntil(() => viewers.every(({ chunks }) => chunks.size >= 20), { timeout: 15_000 });
    for (const { peer, chunks } of viewers) {
      expect(peer.stats().bytes.fromSeeder + peer.stats().bytes.fromPeers).toBeGreaterThan(0);
      expect(peer.stats().blocks.rejected).toBe(0);
      for (const [name, bytes] of [...chunks].slice(-10)) {
        const [track, sequence] = name.split("/");
        const id = peer.descriptor?.tracks[Number(track)]?.id;
        const path = `/streams/${streamId}/tracks/${id}/chunks/${sequence}.m4s`;
        const published = new Uint8Array(await (await fetch(url + path)).arrayBuffer());
        expect(Buffer.compare(bytes, published)).toBe(0);
      }
    }
    // What the seeder tells the tracker comes twice a second.
    const figures = async () => (await getJson<ApiStats>(`${url}/api/stats`)).streams[0];
    await vi.waitUntil(async () => ((await figures())?.bytes.origin ?? 0) > 0, { timeout: 5000 });
    expect(await figures()).toMatchObject({ id: streamId, viewers: 2 });
    expect((await figures())?.bytes.seeder).toBeGreaterThan(0);
    const figure = (name: string, value: number) =>
      `livemesh_${name}{stream="${streamId}"} ${value}`;
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    await vi.waitUntil(async () => (await metrics()).includes(figure("seeder_neighbors", 2)), {
      timeout: 10_000,
    });
    expect(await metrics()).toContain(figure("block_verify_failures_total", 0));
  });

  it("keeps the stream's id over a restart", async () => {
    const first = await serve();
    await first.close();
    const second = await serve();
    expect(second.streamId).toBe(first.streamId);
  });

  it("stops within two seconds, also while viewers watch", async () => {
    const server = await startServer({
      ...singleStream(folder),
      graceSec: 60,
    });
    const url = `http://127.0.0.1:${server.port}`;
    const viewer = await watch(url, url, idOf(server));
    await vi.waitUntil(() => viewer.chunks.size > 5, { timeout: 15_000 });
    const beforeMs = performance.now();
    await server.close();
    expect(performance.now() - beforeMs).toBeLessThan(2000);
  });
});

describe("tracker and ingest apart", () => {
  it("list the stream, play it from the ingest's own origin, and end it when the ingest stops", async () => {
    const tracker = await startTrackerServer(trackerOptions);
    closing.push(() => tracker.close());
    const trackerUrl = `http://127.0.0.1:${tracker.port}`;
    const ingest = await startIngestServer({
      ...singleStream(folder),
      trackerUrl,
      originUrl: undefined,
    });
    closing.push(() => ingest.close());
    const listed = () => getJson<ApiStream[]>(`${trackerUrl}/api/streams`);
    await vi.waitUntil(async () => (await listed())[0]?.live, { timeout: 15_000 });
    const viewer = await watch(trackerUrl, ingest.originUrl, idOf(ingest));
    await vi.waitUntil(() => viewer.chunks.size >= 10, { timeout: 15_000 });
    expect(viewer.peer.descriptor?.origins).toEqual([ingest.originUrl]);
    expect(await getJson(`${ingest.originUrl}/readyz`)).toEqual({ ok: true });
    await ingest.close();
    await vi.waitUntil(async () => (await listed()).length === 0);
    await vi.waitUntil(() => viewer.peer.descriptor?.isLive === false);
  });

  it("find each other whichever is started first, and again after the tracker was killed", async () => {
    const tracker = await startTrackerServer(trackerOptions);
    const trackerUrl = `http://127.0.0.1:${tracker.port}`;
    await tracker.close();
    const ingest = await startIngestServer({
      ...singleStream(folder),
      trackerUrl,
      originUrl: undefined,
    });
    closing.push(() => ingest.close());
    const again = await startTrackerServer({ ...trackerOptions, port: tracker.port });
    closing.push(() => again.close());
    await vi.waitUntil(
      async () => (await getJson<ApiStream[]>(`${trackerUrl}/api/streams`))[0]?.live,
      { timeout: 15_000 },
    );
    expect(ingest.port).toBeGreaterThan(0);
  });
});

describe("several streams in one process", () => {
  it("are watched over one UDP port, and come and go while it runs", async () => {
    const options = singleStream(folder);
    const [{ settings }] = options.streams as [NamedStream];
    const named = (name: string): NamedStream => ({
      name,
      settings: { ...settings, title: name, keyFile: join(folder, `${name}.pem`) },
    });
    const server = await startServer({
      ...options,
      isFromFile: true,
      streams: [named("first"), named("second")],
      control: { host: "127.0.0.1", port: 0 },
      graceSec: 60,
    });
    closing.push(() => server.close());
    const url = `http://127.0.0.1:${server.port}`;
    const ids = server.streams.reports.map(({ streamId }) => streamId as StreamId);
    const viewers = await Promise.all(ids.map((id) => watch(url, url, id)));
    const fromMesh = ({ peer }: (typeof viewers)[0]) =>
      peer.stats().bytes.fromSeeder + peer.stats().bytes.fromPeers;
    await vi.waitUntil(() => viewers.every((viewer) => fromMesh(viewer) > 100_000), {
      timeout: 20_000,
    });
    const control = `http://127.0.0.1:${server.streams.controlPort}/streams`;
    expect((await fetch(`${control}/first`, { method: "DELETE" })).status).toBe(204);
    const listed = async () =>
      (await getJson<ApiStream[]>(`${url}/api/streams`)).map(({ id }) => id);
    await vi.waitUntil(async () => (await listed()).length === 1);
    expect(await listed()).toEqual([ids[1]]);
    expect((await fetch(`${url}/streams/${ids[0]}/descriptor`)).status).toBe(404);
    const before = fromMesh(viewers[1] as (typeof viewers)[0]);
    const key = join(folder, "third.pem");
    const added = await fetch(control, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "third", key }),
    });
    expect(added.status).toBe(201);
    const { streamId } = (await added.json()) as { streamId: StreamId };
    const third = await watch(url, url, streamId);
    await vi.waitUntil(() => fromMesh(third) > 100_000, { timeout: 20_000 });
    expect(fromMesh(viewers[1] as (typeof viewers)[0])).toBeGreaterThan(before);
  }, 60_000);
});
