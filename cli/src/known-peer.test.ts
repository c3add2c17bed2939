import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HeadlessPeer, type HeadlessPeerOptions, SILENT_PEER_LOG } from "#node-peer";
import type { StreamId } from "#protocol";
import { newPeerId, TrackerClient } from "#transport";
import { startIngestServer } from "./ingest-command.ts";
import { startIntroducer } from "./introducer.ts";
import { singleStream } from "./testing/single-stream.ts";
import { startTrackerServer } from "./tracker-command.ts";

const log = pino({ level: "silent" });
const closing: (() => Promise<void> | void)[] = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "livemesh-known-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

async function joinAs(options: Partial<HeadlessPeerOptions> & { watchUrl: string }) {
  const peer = await HeadlessPeer.start({
    port: 0,
    ip: "127.0.0.1",
    uploadBps: 50e6,
    latencyMs: 2000,
    isRelay: false,
    outputs: [],
    streaming: undefined,
    log: SILENT_PEER_LOG,
    ...options,
  });
  closing.push(() => peer.close());
  return peer;
}

/** A stream whose tracker is gone, and a peer of it that introduces others. */
async function lostSwarm() {
  const tracker = await startTrackerServer({ host: "127.0.0.1", port: 0, graceSec: 60, log });
  const trackerUrl = `http://127.0.0.1:${tracker.port}`;
  const ingest = await startIngestServer({
    ...singleStream(folder, "test://integers"),
    trackerUrl,
    originUrl: undefined,
  });
  closing.push(() => ingest.close());
  const streamId = ingest.streams.reports[0]?.streamId as StreamId;
  const introducer = await startIntroducer({ host: "127.0.0.1", port: 0 }, log);
  closing.push(() => introducer.close());
  const watchUrl = `${trackerUrl}/watch/${streamId}`;
  const member = await joinAs({ watchUrl, introducer });
  await vi.waitUntil(() => member.stats.bytes.fromSeeder > 0, { timeout: 15_000 });
  await tracker.close();
  return { streamId, watchUrl, known: introducer.url };
}

it("a swarm without its tracker is joined through a known peer, and newcomers meet each other", async () => {
  const { streamId, watchUrl, known } = await lostSwarm();
  // By the id alone, and by a watch URL that leads nowhere.
  const newcomers = [
    await joinAs({ watchUrl: streamId, knownPeers: [known] }),
    await joinAs({ watchUrl, knownPeers: [known] }),
  ];
  const fromPeers = () => newcomers.map(({ stats }) => stats.bytes.fromPeers);
  await vi.waitUntil(() => fromPeers().every((bytes) => bytes > 100_000), { timeout: 30_000 });
  await vi.waitUntil(() => newcomers.every(({ stats }) => stats.neighbors === 2), {
    timeout: 15_000,
  });
}, 60_000);

it("a known peer introduces to its own stream only", async () => {
  const { known } = await lostSwarm();
  const refusals: string[] = [];
  const stranger = new TrackerClient({
    url: known,
    streamId: "a".repeat(32) as StreamId,
    peerId: newPeerId(),
    role: "viewer",
  });
  closing.push(() => stranger.close());
  stranger.subscribe({ onRefused: (_, { code }) => refusals.push(code) });
  stranger.start();
  await vi.waitUntil(() => refusals.length > 0);
  expect(refusals[0]).toBe("unknown-stream");
  expect((await fetch(`${known}/metrics`)).status).toBe(401);
}, 30_000);
