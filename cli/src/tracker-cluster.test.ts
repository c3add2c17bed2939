import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiStream, PeerRecord, StreamId } from "#protocol";
import { hasRedis, RedisServer, TcpProxy, TestPublisher } from "#signaling/testing";
import { bestCrypto256, MeshPeer, newPeerId, OriginClient, TrackerClient } from "#transport";
import { nodeLinks } from "#transport/node";
import { startIngestServer } from "./ingest-command.ts";
import { singleStream } from "./testing/single-stream.ts";
import { TrackerProcess } from "./testing/tracker-process.ts";

/** These run what was built: `npm run check` builds first. */
const isBuilt = existsSync(new URL("../../dist/cli/main.js", import.meta.url));
const PATIENCE = { timeout: 20_000, interval: 50 };
const VIEWERS = 40;

const publisher = new TestPublisher();
const { streamId } = publisher;

let redis: RedisServer;
let trackers: TrackerProcess[];
const stopping: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  trackers = [];
  if (hasRedis) redis = await RedisServer.start();
  stopping.push(() => redis?.stop());
});
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
});

async function startTracker(): Promise<TrackerProcess> {
  const tracker = await TrackerProcess.start(["--redis", redis.url, "--drain", "1"]);
  stopping.push(() => tracker.end("SIGKILL"));
  trackers.push(tracker);
  return tracker;
}

/** In turn to each tracker that is left, as load balancers do. */
async function startBalancer(): Promise<string> {
  let turn = 0;
  const balancer = await TcpProxy.start(() => trackers[turn++ % trackers.length]?.port ?? 1);
  stopping.push(() => balancer.stop());
  return `http://127.0.0.1:${balancer.port}`;
}

/** A client that remembers for how long it was offline at most. */
class Viewer {
  readonly client: TrackerClient;
  offlineCount = 0;
  longestOfflineMs = 0;
  #lostAtMs: number | undefined;

  constructor(url: string, role: "viewer" | "seeder" = "viewer") {
    this.client = new TrackerClient({
      url,
      streamId,
      peerId: newPeerId(),
      role,
      signProof: (challenge) => publisher.proof(challenge),
    });
    this.client.subscribe({ onState: (state) => this.#note(state === "online") });
    if (role === "seeder") this.client.publish(publisher.sign(publisher.describe()));
    this.client.start();
    stopping.push(() => this.client.close());
  }

  get isOnline(): boolean {
    return this.client.state === "online";
  }

  #note(isOnline: boolean): void {
    if (isOnline && this.#lostAtMs !== undefined) {
      const offlineMs = performance.now() - this.#lostAtMs;
      this.longestOfflineMs = Math.max(this.longestOfflineMs, offlineMs);
      this.#lostAtMs = undefined;
    } else if (!isOnline && this.client.viewers !== undefined && this.#lostAtMs === undefined) {
      this.#lostAtMs = performance.now();
      this.offlineCount++;
    }
  }
}

async function startSwarm(): Promise<Viewer[]> {
  const url = await startBalancer();
  const seeder = new Viewer(url, "seeder");
  await vi.waitUntil(() => seeder.isOnline, PATIENCE);
  const viewers = Array.from({ length: VIEWERS }, () => new Viewer(url));
  await vi.waitUntil(() => viewers.every(({ isOnline }) => isOnline), PATIENCE);
  return [seeder, ...viewers];
}

/** A viewer with three seconds in hand, so that a busy machine is not taken for a lost chunk. */
async function play(url: string, originUrl: string, id: StreamId) {
  const peerId = newPeerId();
  const tracker = new TrackerClient({ url, streamId: id, peerId, role: "viewer" });
  const links = nodeLinks({ bindAddress: "127.0.0.1" });
  const origin = new OriginClient({ baseUrl: `${originUrl}/streams/${id}` });
  const crypto = await bestCrypto256();
  const peer = new MeshPeer({ streamId: id, peerId, tracker, links, crypto, origin });
  peer.start();
  const playing = setInterval(() => peer.setPlayhead(peer.sourceNowMs() - 3000), 250);
  stopping.push(async () => {
    clearInterval(playing);
    await peer.close();
    tracker.close();
    links.close();
  });
  return { tracker, chunks: () => ({ ...peer.stats().chunks }) };
}

/** What every tracker that is left says of the swarm: everybody, and nobody twice. */
async function untilAllAgree(members: readonly Viewer[]): Promise<void> {
  const everybody = members.map(({ client }) => client.peerId).toSorted();
  for (const { url } of trackers) {
    await vi.waitFor(async () => {
      const peers = (await (
        await fetch(`${url}/api/streams/${streamId}/peers`)
      ).json()) as PeerRecord[];
      expect(peers.map(({ peerId }) => peerId).toSorted()).toEqual(everybody);
      const streams = (await (await fetch(`${url}/api/streams`)).json()) as ApiStream[];
      expect(streams).toMatchObject([{ id: streamId, live: true, viewers: VIEWERS }]);
    }, PATIENCE);
  }
}

describe.skipIf(!isBuilt || !hasRedis)("trackers on one Redis", { timeout: 90_000 }, () => {
  it("lose one of three by SIGKILL: the others' peers never notice, its own are back within 5 s", async () => {
    await Promise.all([startTracker(), startTracker(), startTracker()]);
    const swarm = await startSwarm();
    await untilAllAgree(swarm);
    const [lost] = trackers.splice(1, 1);
    await lost?.end("SIGKILL");
    await vi.waitUntil(() => swarm.some(({ offlineCount }) => offlineCount > 0), PATIENCE);
    await vi.waitUntil(() => swarm.every(({ isOnline }) => isOnline), PATIENCE);
    await untilAllAgree(swarm);
    const noticed = swarm.filter(({ offlineCount }) => offlineCount > 0);
    // The balancer takes turns: a third was there.
    expect(noticed.length).toBeGreaterThan(VIEWERS / 4);
    expect(noticed.length).toBeLessThan(VIEWERS / 2);
    for (const { offlineCount, longestOfflineMs } of noticed) {
      expect(offlineCount).toBe(1);
      expect(longestOfflineMs).toBeLessThan(5000);
    }
  });

  it("are replaced one after the other: nobody is away for long, nobody is lost", async () => {
    await Promise.all([startTracker(), startTracker()]);
    const swarm = await startSwarm();
    for (let round = 0; round < 2; round++) {
      await startTracker();
      const [old] = trackers.splice(0, 1);
      await old?.end("SIGTERM");
      await vi.waitUntil(() => swarm.every(({ isOnline }) => isOnline), PATIENCE);
      await untilAllAgree(swarm);
    }
    for (const { longestOfflineMs } of swarm) expect(longestOfflineMs).toBeLessThan(3000);
  });

  it("are replaced while people watch: not a chunk is missed", async () => {
    await Promise.all([startTracker(), startTracker()]);
    const trackerUrl = await startBalancer();
    const folder = await mkdtemp(join(tmpdir(), "livemesh-rolling-"));
    stopping.push(() => rm(folder, { recursive: true }));
    const place = { trackerUrl, originUrl: undefined };
    const ingest = await startIngestServer({ ...singleStream(folder), ...place });
    stopping.push(() => ingest.close());
    const id = ingest.streams.reports[0]?.streamId as StreamId;
    const viewers = await Promise.all([1, 2].map(() => play(trackerUrl, ingest.originUrl, id)));
    await vi.waitUntil(() => viewers.every(({ chunks }) => chunks().delivered > 20), PATIENCE);
    const before = viewers.map(({ chunks }) => chunks());
    for (let round = 0; round < 2; round++) {
      await startTracker();
      const [old] = trackers.splice(0, 1);
      await old?.end("SIGTERM");
      await vi.waitUntil(
        () => viewers.every(({ tracker }) => tracker.state === "online"),
        PATIENCE,
      );
    }
    await vi.waitUntil(
      () => viewers.every(({ chunks }, i) => chunks().delivered > (before[i]?.delivered ?? 0) + 30),
      PATIENCE,
    );
    expect(viewers.map(({ chunks }) => chunks().missed)).toEqual(
      before.map(({ missed }) => missed),
    );
  });

  it("live through a restart of Redis: nobody notices, and newcomers are told of all", async () => {
    await Promise.all([startTracker(), startTracker()]);
    const swarm = await startSwarm();
    await redis.kill();
    swarm.push(new Viewer(trackers[0]?.url ?? ""));
    await vi.waitUntil(() => swarm.every(({ isOnline }) => isOnline), PATIENCE);
    await redis.restart();
    for (const { offlineCount } of swarm) expect(offlineCount).toBe(0);
    await vi.waitFor(async () => {
      for (const { url } of trackers) {
        const peers = (await (
          await fetch(`${url}/api/streams/${streamId}/peers`)
        ).json()) as PeerRecord[];
        expect(peers).toHaveLength(VIEWERS + 2);
      }
    }, PATIENCE);
  });
});

describe.skipIf(!isBuilt)("a tracker alone", { timeout: 60_000 }, () => {
  it("remembers its streams in a file, so that viewers find them before the publisher is back", async () => {
    const folder = await mkdtemp(join(tmpdir(), "livemesh-state-"));
    stopping.push(() => rm(folder, { recursive: true }));
    const args = ["--state", join(folder, "streams")];
    const first = await TrackerProcess.start(args);
    const seeder = new Viewer(first.url, "seeder");
    await vi.waitUntil(() => seeder.isOnline, PATIENCE);
    await first.end("SIGTERM");
    seeder.client.close();
    const second = await TrackerProcess.start(args);
    stopping.push(() => second.end("SIGKILL"));
    const viewer = new Viewer(second.url);
    await vi.waitUntil(() => viewer.isOnline, PATIENCE);
    const streams = (await (await fetch(`${second.url}/api/streams`)).json()) as ApiStream[];
    expect(streams).toMatchObject([{ id: streamId, live: false, viewers: 1 }]);
  });
});
